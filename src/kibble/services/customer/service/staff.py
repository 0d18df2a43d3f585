"""The accounts of those who run the shop."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import IdSource, Randomness
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.platform.security.roles import STAFF_ROLES
from kibble.services.customer.errors import StaffNotFound, UsernameTaken
from kibble.services.customer.integration import PasswordHasher
from kibble.services.customer.model import PasswordPolicy, StaffMember
from kibble.services.customer.repository import CustomerRepository
from kibble.services.customer.service.sessions import SessionService

_PASSWORD_BITS = 120


@dataclass(frozen=True, slots=True)
class Hired:
    """A member of staff, and the password that was made for them: shown once, never kept."""

    member: StaffMember
    password: str | None


class StaffService:
    """Keeps the staff; what somebody may no longer do ends with their sessions."""

    def __init__(
        self,
        customers: CustomerRepository,
        hasher: PasswordHasher,
        policy: PasswordPolicy,
        sessions: SessionService,
        *,
        clock: Clock,
        ids: IdSource,
        randomness: Randomness,
    ) -> None:
        self._customers = customers
        self._hasher = hasher
        self._policy = policy
        self._sessions = sessions
        self._clock = clock
        self._ids = ids
        self._randomness = randomness

    async def hire(
        self, username: str, name: str, roles: tuple[str, ...], password: str | None
    ) -> Outcome[Hired]:
        """Open an account; without a ``password`` one is made, to be changed at first.

        Raises ``UsernameTaken``, ``PasswordRefused``, and ``InvalidInput`` for an unknown role.
        """
        _require_roles(roles)
        chosen = password or self._new_password()
        self._policy.check(chosen, username)
        await self._require_free(username)
        member = StaffMember.hire(
            self._ids.new(),
            username=username,
            name=name,
            roles=roles,
            password_hash=await self._hasher.hash(chosen),
            now=self._clock.now(),
        )
        changes = Changes()
        changes.save(member)
        return Outcome(Hired(member, None if password else chosen), changes)

    async def revise(
        self,
        staff_id: str,
        *,
        roles: tuple[str, ...] | None = None,
        disabled: bool | None = None,
        new_password: bool = False,
    ) -> Outcome[Hired]:
        """Change what a member may do, shut or open the account, or hand out a new password.

        Any of these ends the member's sessions. Raises ``StaffNotFound`` and ``InvalidInput``.
        """
        member = await self.member(staff_id)
        now = self._clock.now()
        if roles is not None:
            _require_roles(roles)
            member.assign(roles, now)
        if disabled is not None:
            member.set_disabled(now, disabled=disabled)
        password = self._new_password() if new_password else None
        if password is not None:
            member.change_password(await self._hasher.hash(password), now, handed_out=True)
        changes = Changes()
        changes.save(member)
        await self._sessions.end_all(member.id, changes)
        return Outcome(Hired(member, password), changes)

    async def member(self, staff_id: str) -> StaffMember:
        """Return one member; raises ``StaffNotFound``."""
        member = await self._customers.staff_member(staff_id)
        if member is None:
            raise StaffNotFound
        return member

    async def all(self) -> list[StaffMember]:
        """Return all members, by username."""
        return await self._customers.staff()

    async def _require_free(self, username: str) -> None:
        taken = (
            await self._customers.staff_by_username(username)
            or await self._customers.customer_by_username(username)
            or await self._customers.is_held(username, self._clock.now())
        )
        if taken:
            raise UsernameTaken(username)

    def _new_password(self) -> str:
        number = self._randomness.getrandbits(_PASSWORD_BITS)
        text = base64.b32encode(number.to_bytes(_PASSWORD_BITS // 8)).decode().lower()
        return "-".join(text[at : at + 6] for at in range(0, len(text), 6))


def _require_roles(roles: tuple[str, ...]) -> None:
    if not roles or any(role not in STAFF_ROLES for role in roles):
        raise InvalidInput.at("/roles", f"must be some of {', '.join(STAFF_ROLES)}")
