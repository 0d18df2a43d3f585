"""Which carriers take the shop's parcels: what the settings say.

A carrier that has no credentials is the sandbox's; in a live shop that has an account with the
other one, it is not offered, or parcels would be labelled that nobody fetches.
"""

from __future__ import annotations

from kibble.kernel.clock import Clock
from kibble.platform.config import Settings
from kibble.platform.outside_url import check_address
from kibble.services.shipping.adapters.sandbox import SandboxCarrier
from kibble.services.shipping.adapters.sender import Sender, read_sender
from kibble.services.shipping.integration import Carrier
from kibble.services.shipping.model.tariff import FEDEX, UPS
from kibble.services.shipping.model.zones import ZoneMap


def choose(settings: Settings, zones: ZoneMap, clock: Clock) -> list[Carrier]:
    """Return the carriers. Raises ``ValueError`` for what is incomplete or no address."""
    carriers: list[Carrier] = []
    if settings.ups_client_id or settings.ups_client_secret or settings.ups_account:
        carriers.append(_ups(settings, zones, clock))
    if settings.fedex_client_id or settings.fedex_client_secret or settings.fedex_account:
        carriers.append(_fedex(settings, zones, clock))
    names = {carrier.name for carrier in carriers}
    for name in (UPS, FEDEX):
        if name not in names and not (settings.production and carriers):
            carriers.append(SandboxCarrier(name, zones, clock, fast=settings.sandbox_fast))
    return carriers


def _ups(settings: Settings, zones: ZoneMap, clock: Clock) -> Carrier:
    sender = _sender(settings, "ups")
    try:
        from kibble.platform.engines.outside import Credentials
        from kibble.services.shipping.adapters.ups import UpsCarrier
    except ImportError as error:
        raise ValueError(_MISSING.format("UPS")) from error
    headers = {"x-merchant-id": settings.ups_account}
    return UpsCarrier(
        Credentials(
            settings.ups_client_id,
            settings.ups_client_secret,
            "/security/v1/oauth/token",
            headers=headers,
        ),
        settings.ups_account,
        settings.ups_webhook_credential,
        sender,
        zones=zones,
        clock=clock,
        url=settings.ups_url,
    )


def _fedex(settings: Settings, zones: ZoneMap, clock: Clock) -> Carrier:
    sender = _sender(settings, "fedex")
    try:
        from kibble.platform.engines.outside import Credentials
        from kibble.services.shipping.adapters.fedex import FedExCarrier
    except ImportError as error:
        raise ValueError(_MISSING.format("FEDEX")) from error
    return FedExCarrier(
        Credentials(
            settings.fedex_client_id, settings.fedex_client_secret, "/oauth/token", in_form=True
        ),
        settings.fedex_account,
        settings.fedex_webhook_secret,
        sender,
        zones=zones,
        clock=clock,
        url=settings.fedex_url,
    )


def _sender(settings: Settings, carrier: str) -> Sender:
    for name in ("client_id", "client_secret", "account"):
        if not getattr(settings, f"{carrier}_{name}"):
            variable = f"KIBBLE_{carrier.upper()}_{name.upper()}"
            raise ValueError(f"{variable} is missing: the carrier needs all three of its own.")
    check_address(f"KIBBLE_{carrier.upper()}_URL", getattr(settings, f"{carrier}_url"))
    return read_sender(settings.sender)


_MISSING = "KIBBLE_{}_CLIENT_ID is set, and aiohttp is not installed: see docs/providers.md."
