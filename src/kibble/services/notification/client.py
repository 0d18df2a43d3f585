"""Notification as its neighbours see it, in process."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kibble.contracts.customer import counted, export_of, held_of
from kibble.kernel.ids import CustomerId
from kibble.platform.rpc import Offer, offer
from kibble.services.notification.schemas.messages import AwaitedView, PreferencesView, StatusView
from kibble.services.notification.service import NotificationService, RestockService


class NotificationClient:
    """Calls the use cases directly. Messages are asked for by event: ``notification.requested``."""

    name = "notification"

    def __init__(self, service: NotificationService, restocks: RestockService) -> None:
        self._service = service
        self._restocks = restocks

    async def export(self, customer_id: CustomerId) -> dict[str, Sequence[object]]:
        """Return all that is kept about a customer, ready for JSON."""
        preferences, messages = await self._service.export(customer_id)
        waits = await self._restocks.waits_of(customer_id)
        return {
            "preferences": [
                {**msgspec.to_builtins(PreferencesView.of(one)), "language": one.language}
                for one in preferences
            ],
            "waitsFor": [msgspec.to_builtins(AwaitedView.of(waiting)) for waiting in waits],
            "notifications": [
                {
                    **msgspec.to_builtins(StatusView.of(message)),
                    "body": message.copy.body,
                    "email": message.email,
                    "read": message.read,
                }
                for message in messages
            ],
        }

    async def held(self, customer_id: CustomerId) -> dict[str, int]:
        """Return how much is kept about a customer, by kind."""
        return counted(await self.export(customer_id))


def offers(client: NotificationClient) -> list[Offer]:
    """Return what Notification offers to services in other processes."""
    return [offer(export_of(client.name), client.export), offer(held_of(client.name), client.held)]
