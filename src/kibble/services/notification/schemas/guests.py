"""What Notification's API takes from guests who wait, and answers about their addresses."""

from __future__ import annotations

from typing import Annotated

import msgspec

from kibble.contracts.email import Email
from kibble.kernel.personal import Personal
from kibble.services.notification.model import Message, Waiting
from kibble.services.notification.schemas.messages import (
    Answer,
    AwaitedView,
    Id,
    Request,
    StatusView,
)


class AskToWait(Request, frozen=True):
    """Who wants to hear of a product, without an account."""

    product_id: Id
    email: Personal[Email]


class ConfirmWaiting(Request, frozen=True):
    """The token of the e-mail that asked."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


class AddressOf(Request, frozen=True):
    """A guest's address."""

    email: Personal[Email]


class Asked(Answer, frozen=True):
    """It will be done; the same whether there is anything to do or not."""

    message: str


class AddressView(Answer, frozen=True):
    """All that is kept about a guest's address."""

    waits_for: list[AwaitedView]
    notifications: list[StatusView]

    @classmethod
    def of(cls, waits: list[Waiting], messages: list[Message]) -> AddressView:
        """Return the view of what was found."""
        return cls([AwaitedView.of(one) for one in waits], [StatusView.of(one) for one in messages])
