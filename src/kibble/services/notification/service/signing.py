"""The secrets that webhooks are signed with: made, sealed before they are kept, and opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog

from kibble.kernel.ids import Randomness, WebhookId
from kibble.services.notification.integration import Sealing
from kibble.services.notification.model.signature import PREFIX, new_secret
from kibble.services.notification.model.webhook import SigningSecret, Webhook

_log = structlog.get_logger()


class Signing:
    """Knows what endpoints check signatures with; nobody else reads it."""

    def __init__(self, seal: Sealing, randomness: Randomness) -> None:
        self._seal = seal
        self._randomness = randomness

    def new(self, webhook_id: WebhookId) -> tuple[str, str]:
        """Return a fresh secret, and the same sealed."""
        secret = new_secret(self._randomness)
        return secret, self._seal.seal(secret, webhook_id)

    def secrets(self, webhook: Webhook, now: datetime) -> list[str]:
        """Return what to sign with, the newest first; none of those whose key is lost."""
        opened = [self._open(sealed, webhook.id) for sealed in webhook.signing(now)]
        return [secret for secret in opened if secret is not None]

    def renew(self, webhook: Webhook) -> bool:
        """Seal by the newest key what is not yet; tell whether anything was."""
        before = webhook.secrets
        webhook.secrets = tuple(self._renewed(one, webhook.id) for one in before)
        return webhook.secrets != before

    def _renewed(self, kept: SigningSecret, webhook_id: WebhookId) -> SigningSecret:
        if not self._seal.is_outdated(kept.value):
            return kept
        secret = self._open(kept.value, webhook_id)
        if secret is None:
            return kept
        return replace(kept, value=self._seal.seal(secret, webhook_id))

    def _open(self, kept: str, webhook_id: WebhookId) -> str | None:
        if kept.startswith(PREFIX):
            return kept
        secret = self._seal.open(kept, webhook_id)
        if secret is None:
            _log.error("a webhook's secret does not open", webhook_id=webhook_id)
        return secret
