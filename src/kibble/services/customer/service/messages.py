"""What Customer asks Notification to tell, by event; no event holds an address or a secret."""

from __future__ import annotations

from datetime import datetime

from kibble.contracts.notification import NotificationRequested
from kibble.kernel.languages import Language
from kibble.platform.persistence.changes import Changes
from kibble.services.customer.model import Customer, OneTimeToken


def tell(changes: Changes, customer: Customer, kind: str, request_id: str) -> None:
    """Have ``customer`` told something."""
    request = NotificationRequested(
        request_id=request_id,
        kind=kind,
        customer_id=customer.id,
        language=customer.profile.preferences.language,
    )
    changes.publish(request, sequence=1)


def warn_owner(changes: Changes, owner: Customer, now: datetime) -> None:
    """Tell an address's owner that somebody else tried to use it; once a day is enough."""
    tell(changes, owner, "account_exists", f"account_exists:{owner.id}:{now:%Y-%m-%d}")


def ask_for_proof(changes: Changes, token: OneTimeToken, language: Language) -> None:
    """Keep ``token`` and have its link mailed; the mail's writer asks where it goes."""
    changes.save(token)
    request = NotificationRequested(
        request_id=token.id,
        kind=token.purpose.value,
        customer_id=token.customer_id,
        language=language,
    )
    changes.publish(request, sequence=1)
