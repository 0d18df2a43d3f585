"""Beginning, renewing, listing and ending sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kibble.contracts.customer import Revoked, SignedIn, WhoIs
from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unauthenticated
from kibble.kernel.ids import CustomerId, IdSource, Randomness
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.services.customer.errors import (
    AccountNotFound,
    SessionEnded,
    SessionNotFound,
    TokenReused,
)
from kibble.services.customer.model import (
    STAFF_LIFETIME,
    Customer,
    Lifetime,
    Revocation,
    Session,
    read_refresh_token,
)
from kibble.services.customer.repository import CustomerRepository
from kibble.services.customer.service.access import ACCESS_LIFE, AccessPolicy, Bearer
from kibble.services.customer.service.identities import Identities, Identity
from kibble.services.customer.service.messages import tell

OPERATOR = "operator:"
"""What the account of a session begins with that a token of the command line opened."""

MAX_SESSIONS = 20
"""Of one account; the one that was used least recently ends for the next."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a renewal comes to: a renewed session, or the error that the caller gets.

    An error comes as a value where it has something to be written: a family that ends.
    """

    signed_in: SignedIn | None
    error: Unauthenticated = field(default_factory=SessionEnded)


class SessionService:
    """Keeps the sessions of all accounts."""

    def __init__(
        self,
        customers: CustomerRepository,
        identities: Identities,
        policy: AccessPolicy,
        *,
        clock: Clock,
        ids: IdSource,
        randomness: Randomness,
    ) -> None:
        self._customers = customers
        self._identities = identities
        self.policy = policy
        self._clock = clock
        self._ids = ids
        self._randomness = randomness

    async def begin(
        self,
        identity: Identity,
        changes: Changes,
        *,
        second_factor: bool,
        agent: str,
        passkey: bool = False,
        device: str | None = None,
    ) -> SignedIn:
        """Begin a session for somebody who has just proven who they are."""
        await self._make_room(identity.id, changes)
        session, token = self._new(
            identity.id,
            identity.lifetime,
            second_factor=second_factor,
            passkey=passkey,
            agent=agent,
        )
        changes.save(session)
        return self._signed_in(self.policy.bearer(identity, session), session, token, device)

    async def open(
        self,
        subject: str,
        customer_id: CustomerId | None,
        scopes: list[str],
        seconds: int,
        agent: str,
    ) -> Outcome[SignedIn]:
        """Begin a session for the holder of a token of the command line, for no longer than that.

        Raises ``SessionEnded`` when the token is of a customer who is no more.
        """
        changes = Changes()
        if customer_id is not None:
            identity = await self._identities.with_id(customer_id)
            if identity is None:
                raise SessionEnded
            signed_in = await self.begin(identity, changes, second_factor=False, agent=agent)
            return Outcome(signed_in, changes)
        life = timedelta(seconds=seconds)
        lifetime = Lifetime(idle=min(STAFF_LIFETIME.idle, life), absolute=life)
        session, token = self._new(
            OPERATOR + subject, lifetime, second_factor=False, agent=agent, scopes=tuple(scopes)
        )
        changes.save(session)
        return Outcome(self._signed_in(_operator(session), session, token), changes)

    def _new(
        self,
        account_id: str,
        lifetime: Lifetime,
        *,
        second_factor: bool,
        agent: str,
        passkey: bool = False,
        scopes: tuple[str, ...] | None = None,
    ) -> tuple[Session, str]:
        return Session.begin(
            self._ids.new(),
            account_id,
            lifetime,
            self._clock.now(),
            self._randomness,
            second_factor=second_factor,
            passkey=passkey,
            agent=agent,
            scopes=scopes,
        )

    async def _make_room(self, account_id: str, changes: Changes) -> None:
        sessions = await self._customers.sessions_of(account_id)
        sessions.sort(key=lambda session: session.renewed_at)
        for session in sessions[: max(0, len(sessions) - MAX_SESSIONS + 1)]:
            self.end(session, changes)

    async def renew(self, refresh_token: str) -> Outcome[Renewal]:
        """Renew a session by its refresh token, which from now on has a successor.

        Reuse of an older token ends the session, and the account's owner is told.
        """
        handle, secret = read_refresh_token(refresh_token)
        session = await self._customers.session_by_handle(handle)
        if session is None:
            return unchanged(Renewal(None))
        changes = Changes()
        generation = session.digest
        try:
            successor = session.renew(secret, self._clock.now(), self._randomness)
        except SessionEnded as error:
            return unchanged(Renewal(None, error))
        except TokenReused as error:
            return Outcome(Renewal(None, error), await self._end_reused(session))
        bearer = await self._bearer(session)
        if bearer is None:
            return Outcome(Renewal(None), self._ended(session))
        if session.digest != generation:
            changes.save(session)
        token = f"{refresh_token.partition('.')[0]}.{successor}"
        return Outcome(Renewal(self._signed_in(bearer, session, token)), changes)

    async def _end_reused(self, session: Session) -> Changes:
        changes = self._ended(session)
        identity = await self._identities.with_id(session.account_id)
        if identity is not None and isinstance(identity.account, Customer):
            tell(changes, identity.account, "session_ended", f"session_ended:{session.id}")
        return changes

    def _ended(self, session: Session) -> Changes:
        changes = Changes()
        self.end(session, changes)
        return changes

    async def _bearer(self, session: Session) -> Bearer | None:
        """Return what the session may do by now; None when its account is gone or shut."""
        if session.account_id.startswith(OPERATOR):
            return _operator(session)
        identity = await self._identities.with_id(session.account_id)
        if identity is None or identity.is_shut:
            return None
        return self.policy.bearer(identity, session)

    def _signed_in(
        self, bearer: Bearer, session: Session, refresh_token: str, device: str | None = None
    ) -> SignedIn:
        left = session.ends_at - self._clock.now()
        return SignedIn(
            access_token=self.policy.token(bearer, session),
            refresh_token=refresh_token,
            access_seconds=int(ACCESS_LIFE.total_seconds()),
            idle_seconds=max(1, int(left.total_seconds())),
            device=device,
        )

    async def sign_out(self, refresh_token: str) -> Outcome[None]:
        """End the session of a refresh token, also of one that has a successor."""
        handle, _ = read_refresh_token(refresh_token)
        session = await self._customers.session_by_handle(handle)
        if session is None:
            return unchanged(None)
        return Outcome(None, self._ended(session))

    def end(self, session: Session, changes: Changes) -> None:
        """End a session: nothing renews it, and its access tokens no longer hold."""
        changes.remove(session)
        now = self._clock.now()
        until = now + ACCESS_LIFE
        changes.save(Revocation(id=session.id, revoked_at=now, until=until))

    async def end_all(self, account_id: str, changes: Changes, *, but: str | None = None) -> None:
        """End an account's sessions, all or all ``but`` one."""
        for session in await self._customers.sessions_of(account_id):
            if session.id != but:
                self.end(session, changes)

    async def prove(
        self, account_id: str, session_id: str, changes: Changes, *, passkey: bool
    ) -> None:
        """Note that whoever has this session has just proven a second factor."""
        for session in await self._customers.sessions_of(account_id):
            if session.id == session_id:
                session.authenticate(self._clock.now(), passkey=passkey)
                changes.save(session)

    async def of_account(self, account_id: str) -> list[Session]:
        """Return an account's live sessions, the one that was used last first.

        Raises ``AccountNotFound``.
        """
        if await self._identities.with_id(account_id) is None:
            raise AccountNotFound
        now = self._clock.now()
        sessions = await self._customers.sessions_of(account_id)
        live = [session for session in sessions if session.is_live(now)]
        return sorted(live, key=lambda session: session.renewed_at, reverse=True)

    async def end_one(self, account_id: str, session_id: str) -> Outcome[None]:
        """End one of an account's sessions; raises ``SessionNotFound``."""
        for session in await self._customers.sessions_of(account_id):
            if session.id == session_id:
                return Outcome(None, self._ended(session))
        raise SessionNotFound

    async def end_others(self, account_id: str, but: str | None) -> Outcome[None]:
        """End all of an account's sessions but one."""
        changes = Changes()
        await self.end_all(account_id, changes, but=but)
        return Outcome(None, changes)

    async def who(self, subject: str) -> WhoIs | None:
        """Return how an account is called; a name of the command line is called by itself."""
        if subject.startswith(OPERATOR):
            name = subject.removeprefix(OPERATOR)
            return WhoIs(username=name, name=name)
        identity = await self._identities.with_id(subject)
        if identity is None:
            return None
        return WhoIs(
            username=identity.username,
            name=identity.name,
            must_change_password=identity.must_change_password,
        )

    async def revoked(self) -> list[Revoked]:
        """Return what was revoked and has not ended by itself."""
        found = await self._customers.revocations(self._clock.now())
        return [Revoked(id=one.id, until=_seconds(one.until)) for one in found]


def _operator(session: Session) -> Bearer:
    return Bearer(
        subject=session.account_id,
        customer_id=None,
        roles=(),
        scopes=frozenset(session.scopes or ()),
    )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp()) + 1
