"""The people who run the shop, and what they are there for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kibble.kernel.personal import Personal, Secret


@dataclass(slots=True, kw_only=True)
class StaffMember:
    """An account of somebody who works for the shop.

    ``must_change_password`` is set while the password is one that an operator handed out.
    """

    id: str
    username: Personal[str]
    name: Personal[str]
    roles: tuple[str, ...]
    password_hash: Secret[str]
    created_at: datetime
    updated_at: datetime
    must_change_password: bool = True
    disabled: bool = False
    version: int = 0

    @classmethod
    def hire(
        cls,
        staff_id: str,
        *,
        username: str,
        name: str,
        roles: tuple[str, ...],
        password_hash: str,
        now: datetime,
    ) -> StaffMember:
        """Open an account with a password that its owner is to change."""
        return cls(
            id=staff_id,
            username=username,
            name=name,
            roles=roles,
            password_hash=password_hash,
            created_at=now,
            updated_at=now,
        )

    def assign(self, roles: tuple[str, ...], now: datetime) -> None:
        """Give the member these roles instead."""
        self.roles, self.updated_at = roles, now

    def set_disabled(self, now: datetime, *, disabled: bool) -> None:
        """Shut the account, or open it again."""
        self.disabled, self.updated_at = disabled, now

    def change_password(self, password_hash: str, now: datetime, *, handed_out: bool) -> None:
        """Take a new password; ``handed_out`` when it is an operator who chose it."""
        self.password_hash, self.updated_at = password_hash, now
        self.must_change_password = handed_out

    def rehash(self, password_hash: str) -> None:
        """Keep the same password in a stronger form."""
        self.password_hash = password_hash
