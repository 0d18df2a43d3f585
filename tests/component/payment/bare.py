"""What a provider's double that only moves money leaves out."""

from __future__ import annotations

from kibble.services.payment.adapters.sandbox import NoDisputes
from kibble.services.payment.integration import Vault


class Bare:
    """A base of such doubles: nothing is saved with them, nothing disputed."""

    needs_token = False
    disputes = NoDisputes()

    @property
    def vault(self) -> Vault:
        raise AssertionError("nothing is saved")
