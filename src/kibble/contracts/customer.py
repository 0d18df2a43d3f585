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
