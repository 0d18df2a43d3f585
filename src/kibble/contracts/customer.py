"""Customer: what it publishes, and what its client answers. Events carry no personal data."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from kibble.kernel.ids import CustomerId
from kibble.platform.messaging.event import Event
from kibble.platform.rpc import Ask, Neighbour, Procedure


class CustomerEvent(Event, frozen=True, kw_only=True):
    """An event about one customer."""

    topic: ClassVar[str] = "customer_events"
    subject_field: ClassVar[str] = "customer_id"

    customer_id: CustomerId


class CustomerRegistered(CustomerEvent, frozen=True, kw_only=True):
    """A customer opened an account; the switches are None where they are left at their defaults."""

    type: ClassVar[str] = "customer.registered"

    email_notifications: bool | None = None
    sms_notifications: bool | None = None


class CustomerUpdated(CustomerEvent, frozen=True, kw_only=True):
    """A customer's profile changed; the switches are None where they did not move."""

    type: ClassVar[str] = "customer.updated"

    email_notifications: bool | None = None
    sms_notifications: bool | None = None


class CustomerErased(CustomerEvent, frozen=True, kw_only=True):
    """A customer asked to be forgotten: drop what names the person, keep the figures."""

    type: ClassVar[str] = "customer.erased"


class Contact(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How to reach a customer; a phone number is in E.164 when it could be read."""

    customer_id: CustomerId
    name: str
    email: str
    phone: str | None = None


class OneTimeLink(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The secret of a one-time link, and the mailbox that it must go to alone: never logged."""

    token: str
    email: str


class AskContact(Ask, frozen=True, kw_only=True):
    """Which customer."""

    customer_id: CustomerId


class AskOneTimeLink(Ask, frozen=True, kw_only=True):
    """Which request for a link."""

    request_id: str


class AskExport(Ask, frozen=True, kw_only=True):
    """Whose personal data."""

    customer_id: CustomerId


CONTACT: Procedure[AskContact, Contact | None] = Procedure(
    "customer", "contact", AskContact, Contact | None
)
ONE_TIME_LINK: Procedure[AskOneTimeLink, OneTimeLink | None] = Procedure(
    "customer", "one_time_link", AskOneTimeLink, OneTimeLink | None
)


def export_of(service: str) -> Procedure[AskExport, dict[str, Any]]:
    """Return the procedure by which a service tells what it knows of a customer."""
    return Procedure(service, "export", AskExport, dict[str, Any])


class RemoteCustomer:
    """Customer in another process; each method raises ``Unavailable`` when it is away."""

    def __init__(self, neighbour: Neighbour) -> None:
        self._neighbour = neighbour

    async def contact(self, customer_id: CustomerId) -> Contact | None:
        """Return how to reach a customer; None when there is no such customer (any more)."""
        return await self._neighbour.call(CONTACT, AskContact(customer_id=customer_id))

    async def one_time_link(self, request_id: str) -> OneTimeLink | None:
        """Return a new secret for the link that a request asked for; voids the one before."""
        return await self._neighbour.call(ONE_TIME_LINK, AskOneTimeLink(request_id=request_id))


class RemotePersonalData:
    """A service in another process that keeps personal data of customers."""

    def __init__(self, name: str, neighbour: Neighbour) -> None:
        self.name = name
        self._neighbour = neighbour

    async def export(self, customer_id: CustomerId) -> dict[str, Any]:
        """Return all that the service knows about a customer, ready for JSON."""
        return await self._neighbour.call(export_of(self.name), AskExport(customer_id=customer_id))
