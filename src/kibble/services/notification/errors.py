"""The business errors of Notification."""

from __future__ import annotations

from kibble.kernel.errors import (
    Conflict,
    FieldError,
    InvalidInput,
    KibbleError,
    NotFound,
    RuleViolated,
    Unavailable,
)


class NotificationNotFound(NotFound):
    """No notification has this id, or it is somebody else's."""

    code = "notification-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such notification.")


class UnknownRecipient(NotFound):
    """There is no such customer to tell anything."""

    code = "customer-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such customer.")


class ProductNotFound(NotFound):
    """No product has this id, or it cannot be bought."""

    code = "product-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such product.")


class UnknownKind(InvalidInput):
    """There is no message of this kind."""

    code = "unknown-notification-type"

    def __init__(self, pointer: str, kind: str) -> None:
        super().__init__(
            [FieldError(pointer, "is not a type of notification")],
            f"There is no notification of type {kind}.",
        )


class NothingToResend(Conflict):
    """A message inside the app is simply there, and one that waits will still be sent."""

    code = "nothing-to-resend"


class DeliveryRefused(KibbleError):
    """The relay says that this message can never be delivered; trying again would not help."""

    code = "delivery-refused"


class DeliveryFailed(Unavailable):
    """The relay could not take the message now."""

    code = "delivery-failed"


class WebhookNotFound(NotFound):
    """There is no such endpoint, or no such delivery of it."""

    code = "webhook-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such webhook, or it has no such delivery.")


class TooManyWebhooks(RuleViolated):
    """Each event would be sent too often."""

    code = "too-many-webhooks"
