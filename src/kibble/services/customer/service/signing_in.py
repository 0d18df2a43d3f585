"""Signing in with a name and a password, and a second factor where there is one."""

from __future__ import annotations

from datetime import timedelta

from kibble.contracts.customer import Assertion, PasskeyChallenge, SignedIn, Whence
from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.customer.errors import (
    PasskeyRefused,
    SecondFactorRequired,
    WrongCredentials,
)
from kibble.services.customer.integration import PasswordHasher, Throttle, Tokens
from kibble.services.customer.model import Tried, fold
from kibble.services.customer.repository import CustomerRepository
from kibble.services.customer.service.factors import FactorService
from kibble.services.customer.service.identities import Identities, Identity
from kibble.services.customer.service.passkeys import PasskeyService
from kibble.services.customer.service.sessions import SessionService

DEVICE = "device+jwt"
"""The kind of the token that marks a device as one that an account signed in from."""
DEVICE_LIFE = timedelta(days=180)


class SignInService:
    """Answers alike, and after the same work, whether there is such an account or not."""

    def __init__(
        self,
        customers: CustomerRepository,
        hasher: PasswordHasher,
        sessions: SessionService,
        throttle: Throttle,
        *,
        factors: FactorService,
        passkeys: PasskeyService,
        tokens: Tokens,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._customers = customers
        self._identities = Identities(customers)
        self._hasher = hasher
        self._sessions = sessions
        self._throttle = throttle
        self._factors = factors
        self._passkeys = passkeys
        self._tokens = tokens
        self._clock = clock
        self._ids = ids

    async def sign_in(
        self,
        username: str,
        password: str,
        code: str | None,
        whence: Whence,
        passkey: Assertion | None = None,
    ) -> Outcome[SignedIn]:
        """Begin a session. ``whence`` says where from; a passkey does in place of a code.

        Raises ``WrongCredentials``, ``SecondFactorRequired``, ``TooManyTries``, and
        ``Unavailable`` under a flood.
        """
        identity = await self._identities.named(username)
        tried = self._tried(username, identity, whence)
        await self._throttle.begin(tried)
        try:
            known = identity.account.password_hash if identity and not identity.is_shut else None
            right = await self._hasher.verify(known, password)
        except BaseException:
            await self._throttle.undo(tried)
            raise
        if not right or identity is None:
            raise WrongCredentials
        changes = Changes()
        factor = passkey if passkey is not None else code
        second = await self._check_factor(identity, factor, tried, changes)
        await self._throttle.undo(tried)
        await self._throttle.forget(tried.account)
        await self._renew_hash(identity, password, changes)
        with_passkey = second and passkey is not None
        return await self._begin(identity, changes, whence, second=second, passkey=with_passkey)

    async def begin_with_passkey(self) -> Outcome[PasskeyChallenge]:
        """Return what a device is to sign, for a sign-in."""
        return await self._passkeys.begin_sign_in()

    async def sign_in_with_passkey(self, told: Assertion, whence: Whence) -> Outcome[SignedIn]:
        """Begin a session for who holds a passkey: a device, and what unlocks it.

        That is two factors, so no other is asked for. Raises ``PasskeyRefused``.
        """
        changes = Changes()
        identity = await self._identities.with_id(await self._passkeys.use(told, changes))
        if identity is None or identity.is_shut:
            raise PasskeyRefused
        return await self._begin(identity, changes, whence, second=True, passkey=True)

    async def _begin(
        self, identity: Identity, changes: Changes, whence: Whence, *, second: bool, passkey: bool
    ) -> Outcome[SignedIn]:
        signed_in = await self._sessions.begin(
            identity,
            changes,
            second_factor=second,
            passkey=passkey,
            agent=whence.agent,
            device=self._tokens.sign(DEVICE, {"sub": identity.id}, DEVICE_LIFE),
        )
        return Outcome(signed_in, changes)

    def _tried(self, username: str, identity: Identity | None, whence: Whence) -> Tried:
        """Name what a try counts for: an account by its id, a name that nobody has by itself."""
        account = identity.id if identity else f"name {fold(username)}"
        claims = self._tokens.read(DEVICE, whence.device) if whence.device else None
        known = claims is not None and claims.get("sub") == account
        return Tried(account, whence.address, str(claims["jti"]) if claims and known else None)

    async def _check_factor(
        self, identity: Identity, given: Assertion | str | None, tried: Tried, changes: Changes
    ) -> bool:
        """Tell whether a second factor was proven; raises ``SecondFactorRequired``.

        A wrong code counts as a failure, none at all does not: but it forgets no failures either.
        """
        factors = await self._customers.factors(identity.id)
        if factors is None or not factors.any:
            return False
        if not given:
            await self._throttle.undo(tried)
            raise SecondFactorRequired(given=False)
        if isinstance(given, Assertion):
            if await self._passkeys.use(given, changes) != identity.id:
                raise PasskeyRefused
        elif self._factors.take_code(factors, given):
            changes.save(factors)
        else:
            raise SecondFactorRequired(given=True)
        return True

    async def _renew_hash(self, identity: Identity, password: str, changes: Changes) -> None:
        account = identity.account
        if self._hasher.is_outdated(account.password_hash):
            account.rehash(await self._hasher.hash(password))
            changes.save(account)
