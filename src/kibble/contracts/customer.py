"""Customer: what it publishes, and what its client answers. Events carry no personal data."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from kibble.kernel.ids import CustomerId
from kibble.platform.messaging.event import Event


class CustomerEvent(Event, frozen=True, kw_only=True):
    """An event about one customer."""

    topic: ClassVar[str] = "customer_events"
    subject_field: ClassVar[str] = "customer_id"

    customer_id: CustomerId


class CustomerRegistered(CustomerEvent, frozen=True, kw_only=True):
    """A customer opened an account."""

    type: ClassVar[str] = "customer.registered"


class CustomerUpdated(CustomerEvent, frozen=True, kw_only=True):
    """A customer's profile changed."""

    type: ClassVar[str] = "customer.updated"


class CustomerErased(CustomerEvent, frozen=True, kw_only=True):
    """A customer asked to be forgotten: drop what names the person, keep the figures."""

    type: ClassVar[str] = "customer.erased"


class Contact(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How to reach a customer; a phone number is in E.164 when it could be read."""

    customer_id: CustomerId
    name: str
    email: str
    phone: str | None = None
