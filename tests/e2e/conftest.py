"""The running shops of the journeys."""

from tests.fixtures.running import running, shop, slow_shop, unhurried

__all__ = ["running", "shop", "slow_shop", "unhurried"]
