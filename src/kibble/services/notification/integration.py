"""What Notification needs from neighbours and third parties, in its own words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from kibble.contracts.customer import Contact, OneTimeLink
from kibble.contracts.product import Quote
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.kernel.languages import Language
from kibble.services.notification.model import Copy

Fact = str | int | float | bool | None
Facts = Mapping[str, Fact]
"""What happened, as the template of the kind needs it; amounts are decimals of major units."""


class Contacts(Protocol):
    """Customer: how to reach somebody."""

    async def contact(self, customer_id: CustomerId) -> Contact | None:
        """Return how to reach a customer; None when there is no such customer (any more)."""
        ...

    async def one_time_link(self, request_id: str) -> OneTimeLink | None:
        """Return a secret for the link that a request asked for, and the mailbox that it is for.

        None when the request is used or expired. Each call makes a new secret and voids the last.
        """
        ...


class Orders(Protocol):
    """Order."""

    async def guest_token(self, order_id: OrderId) -> str | None:
        """Return a token that reaches a guest's order; None for any other.

        Raises ``Unavailable``.
        """
        ...


class Catalogue(Protocol):
    """Product."""

    async def quotes(
        self, product_ids: Sequence[ProductId], *, fresh: bool = False
    ) -> dict[ProductId, Quote]:
        """Return what is known of the products that can be bought. Raises ``Unavailable``."""
        ...


class Stock(Protocol):
    """Inventory."""

    async def available(self, product_ids: Sequence[ProductId]) -> dict[ProductId, int]:
        """Return how many units of each known product can be sold. Raises ``Unavailable``."""
        ...


class Tokens(Protocol):
    """Signs what the shop itself can check later."""

    def sign(self, kind: str, claims: Mapping[str, object], lifetime: timedelta) -> str:
        """Return a token of a ``kind`` (its ``typ``), which opens nothing."""
        ...

    def read(self, kind: str, token: str) -> Mapping[str, object] | None:
        """Return the claims of a token of this kind; None when it does not hold."""
        ...


class Sealing(Protocol):
    """Seals what is secret and must be read again."""

    def seal(self, text: str, about: str) -> str:
        """Return ``text`` sealed for what it is about: it opens for nothing else."""
        ...

    def open(self, sealed: str, about: str) -> str | None:
        """Return what was sealed; None when its key is gone, or it is not as it was sealed."""
        ...

    def is_outdated(self, sealed: str) -> bool:
        """Tell whether a newer key should seal this, or nothing has sealed it yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An e-mail before it is laid out; ``name`` greets the reader, ``link`` is absolute.

    ``unsubscribe`` is where the reader ends such mails; None for those that nobody can end.
    """

    copy: Copy
    name: str | None
    link: str | None
    shop: str
    unsubscribe: str | None = None


class Copywriter(Protocol):
    """Finds the words."""

    def write(self, kind: str, facts: Facts, language: Language) -> Copy:
        """Return the words of a kind of message; facts that are missing are left out.

        Where ``language`` lacks them, they are the fallback's.
        """
        ...

    def lay_out(self, letter: Letter) -> tuple[str, str]:
        """Return the plain text and the HTML of an e-mail; the HTML escapes every value."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """An e-mail to hand over; ``id`` is the same on every attempt.

    ``unsubscribe`` is what a mail program posts to when its user wants no more such mails.
    """

    id: str
    to: str
    subject: str
    text: str
    html: str
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """A text message to hand over; ``to`` is in E.164, ``id`` the same on every attempt."""

    id: str
    to: str
    text: str


class SentCopies(Protocol):
    """A sender of the shop's own that keeps what it was handed, as those for development do."""

    def forget(self, message_ids: Collection[str]) -> None:
        """Delete these messages, and all others to whom they went."""
        ...


class MailSender(Protocol):
    """The relay that takes e-mails."""

    async def send(self, mail: Mail) -> None:
        """Hand over one e-mail, durably as far as the relay promises.

        Raises ``DeliveryRefused`` when it will never be taken, ``DeliveryFailed`` when not now.
        """
        ...


class SmsSender(Protocol):
    """The provider that takes text messages."""

    async def send(self, sms: Sms) -> None:
        """Hand over one text message. Raises ``DeliveryRefused`` or ``DeliveryFailed``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """An event to hand to an endpoint outside the shop, signed."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class WebhookCaller(Protocol):
    """The way out to other people's endpoints."""

    def objection(self, url: str) -> str | None:
        """Return why an address is never called, whatever it resolves to; None when it may be."""
        ...

    async def call(self, request: WebhookRequest) -> int:
        """POST an event and return the status of the answer, of which nothing else is read.

        Raises ``DeliveryFailed`` when there is no answer in time, or when the address is none that
        may be called.
        """
        ...
