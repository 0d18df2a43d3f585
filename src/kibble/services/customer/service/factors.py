"""Second factors: added, used and removed by whoever has just proven who they are."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import IdSource, Randomness
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.customer.errors import AccountNotFound
from kibble.services.customer.integration import Sealing
from kibble.services.customer.model import (
    Customer,
    Factors,
    new_recovery_codes,
    new_totp_secret,
    provisioning_uri,
)
from kibble.services.customer.repository import CustomerRepository
from kibble.services.customer.service.identities import Identities, Identity
from kibble.services.customer.service.messages import tell
from kibble.services.customer.service.sessions import SessionService

_log = structlog.get_logger()

ISSUER = "Kibble"


@dataclass(frozen=True, slots=True)
class NewAuthenticator:
    """What an authenticator app needs; shown once."""

    secret: str
    uri: str


class FactorService:
    """Keeps second factors; each change of them is told to the account's owner."""

    def __init__(
        self,
        customers: CustomerRepository,
        identities: Identities,
        sessions: SessionService,
        seal: Sealing,
        *,
        clock: Clock,
        ids: IdSource,
        randomness: Randomness,
    ) -> None:
        self._customers = customers
        self._identities = identities
        self.sessions = sessions
        self._seal = seal
        self._clock = clock
        self._ids = ids
        self._randomness = randomness

    async def of_account(self, account_id: str) -> Factors:
        """Return an account's factors, none for one that has none."""
        return await self._customers.factors(account_id) or Factors(id=account_id)

    async def begin_totp(self, account_id: str) -> Outcome[NewAuthenticator]:
        """Make a secret for an authenticator app, which counts once a code of it has been given.

        Raises ``AccountNotFound``.
        """
        identity = await self.identity(account_id)
        factors = await self.of_account(account_id)
        secret = new_totp_secret(self._randomness)
        factors.begin_totp(self._seal.seal(secret, account_id))
        changes = Changes()
        changes.save(factors)
        uri = provisioning_uri(secret, ISSUER, identity.username)
        return Outcome(NewAuthenticator(secret, uri), changes)

    async def confirm_totp(
        self, account_id: str, code: str, session_id: str | None
    ) -> Outcome[list[str]]:
        """Make the new authenticator the account's second factor; return recovery codes.

        All other sessions end; the one that asks has now proven a second factor. Raises
        ``InvalidInput`` for a wrong code.
        """
        identity = await self.identity(account_id)
        factors = await self.of_account(account_id)
        secret = self._opened(factors.pending_secret, account_id)
        if not factors.confirm_totp(secret, code.replace(" ", ""), self._clock.now()):
            raise InvalidInput.at("/code", "is not a code that the authenticator shows now")
        codes = self.hand_out(factors)
        changes = Changes()
        await self.keep(identity, factors, changes, session_id)
        if session_id is not None:
            await self.sessions.prove(account_id, session_id, changes, passkey=False)
        return Outcome(codes, changes)

    def take_code(self, factors: Factors, code: str) -> bool:
        """Use up a code of the authenticator, or a recovery code; tell whether it was one."""
        secret = self._opened(factors.totp_secret, factors.id)
        if not factors.take_code(secret, code, self._clock.now()):
            return False
        sealed = factors.totp_secret
        if secret is not None and sealed is not None and self._seal.is_outdated(sealed):
            factors.totp_secret = self._seal.seal(secret, factors.id)
        return True

    def _opened(self, sealed: str | None, account_id: str) -> str | None:
        if sealed is None:
            return None
        secret = self._seal.open(sealed, account_id)
        if secret is None:
            _log.error("an authenticator's secret does not open", account=account_id)
        return secret

    async def renew_recovery_codes(self, account_id: str) -> Outcome[list[str]]:
        """Make new recovery codes; those before no longer hold."""
        factors = await self.of_account(account_id)
        codes = self.hand_out(factors)
        changes = Changes()
        changes.save(factors)
        return Outcome(codes, changes)

    def hand_out(self, factors: Factors) -> list[str]:
        """Give an account new recovery codes, and return them."""
        codes = new_recovery_codes(self._randomness)
        factors.hand_out(codes)
        return codes

    async def remove_totp(self, account_id: str, session_id: str | None) -> Outcome[None]:
        """Forget the authenticator; all other sessions end."""
        identity = await self.identity(account_id)
        factors = await self.of_account(account_id)
        factors.remove_totp()
        changes = Changes()
        await self.keep(identity, factors, changes, session_id)
        return Outcome(None, changes)

    async def keep(
        self, identity: Identity, factors: Factors, changes: Changes, session_id: str | None
    ) -> None:
        """Save changed factors: all other sessions end, and the account's owner is told."""
        changes.save(factors)
        await self.sessions.end_all(identity.id, changes, but=session_id)
        if isinstance(identity.account, Customer):
            tell(changes, identity.account, "factors_changed", self._ids.new())

    async def identity(self, account_id: str) -> Identity:
        """Return the account; raises ``AccountNotFound``."""
        identity = await self._identities.with_id(account_id)
        if identity is None:
            raise AccountNotFound
        return identity
