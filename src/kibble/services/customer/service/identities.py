"""Everybody who can sign in, whatever they are: customers, and members of staff."""

from __future__ import annotations

from dataclasses import dataclass

from kibble.kernel.ids import CustomerId
from kibble.platform.security.roles import CUSTOMER
from kibble.services.customer.model import (
    CUSTOMERS_LIFETIME,
    STAFF_LIFETIME,
    Customer,
    Lifetime,
    StaffMember,
)
from kibble.services.customer.repository import CustomerRepository


@dataclass(frozen=True, slots=True)
class Identity:
    """An account, as far as signing in goes; ``account`` is what is saved when it changes."""

    account: Customer | StaffMember

    @property
    def id(self) -> str:
        """The account's id, which is the subject of its tokens."""
        return self.account.id

    @property
    def username(self) -> str:
        """The name that the account signs in with."""
        return self.account.username

    @property
    def name(self) -> str:
        """How to address the person."""
        if isinstance(self.account, StaffMember):
            return self.account.name
        return self.account.display_name

    @property
    def customer_id(self) -> CustomerId | None:
        """The customer; None for a member of staff."""
        return self.account.id if isinstance(self.account, Customer) else None

    @property
    def roles(self) -> tuple[str, ...]:
        """What the account is there for."""
        return self.account.roles if isinstance(self.account, StaffMember) else (CUSTOMER,)

    @property
    def is_staff(self) -> bool:
        """Tell whether the account is of somebody who works for the shop."""
        return isinstance(self.account, StaffMember)

    @property
    def must_change_password(self) -> bool:
        """Tell whether the password is one that an operator handed out."""
        return isinstance(self.account, StaffMember) and self.account.must_change_password

    @property
    def is_shut(self) -> bool:
        """Tell whether nobody may sign in to the account."""
        return isinstance(self.account, StaffMember) and self.account.disabled

    @property
    def lifetime(self) -> Lifetime:
        """How long the account's sessions last."""
        return STAFF_LIFETIME if self.is_staff else CUSTOMERS_LIFETIME


class Identities:
    """Finds accounts by what people type, and by id."""

    def __init__(self, customers: CustomerRepository) -> None:
        self._customers = customers

    async def named(self, name: str) -> Identity | None:
        """Return the account with this username or e-mail address.

        Everything is looked up whatever is found, so that every name takes the same work.
        """
        found = (
            await self._customers.staff_by_username(name),
            await self._customers.customer_by_username(name),
            await self._customers.customer_by_email(name),
        )
        return next((Identity(account) for account in found if account is not None), None)

    async def with_id(self, account_id: str) -> Identity | None:
        """Return the account with this id."""
        account = await self._customers.customer(CustomerId(account_id))
        found = account or await self._customers.staff_member(account_id)
        return Identity(found) if found is not None else None
