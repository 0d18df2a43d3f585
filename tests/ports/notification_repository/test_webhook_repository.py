"""What every ``WebhookRepository`` does."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kibble.kernel.clock import to_text
from kibble.kernel.errors import InvalidInput, StaleVersion
from kibble.kernel.ids import CustomerId, DeliveryId, WebhookId
from kibble.platform.persistence.changes import Aggregate, Changes
from kibble.platform.service import ServiceStore
from kibble.services.notification.model import Erasure
from kibble.services.notification.model.webhook import (
    KEPT_FOR,
    Attempt,
    Delivery,
    DeliveryStatus,
    Fields,
    SigningSecret,
    Webhook,
)
from kibble.services.notification.repository.webhooks import Range, WebhookRepository

NOW = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)
JANE = CustomerId("0193a7f0-0000-7000-8000-000000000001")
SECOND = timedelta(seconds=1)


def webhook_id(number: int) -> WebhookId:
    return WebhookId(f"0193a7f0-0000-7000-8000-{number:012x}")


def delivery_id(number: int) -> DeliveryId:
    return DeliveryId(f"0193a7f0-0000-7000-9000-{number:012x}")


def webhook(number: int = 1, **changes: Any) -> Webhook:
    plain = Webhook(
        id=webhook_id(number),
        url="https://erp.example/hooks?key=ä",
        events=("order.placed", "order.cancelled"),
        fields=Fields.DETAILS,
        description="“ERP”",
        contact="ops@example.com",
        secrets=(SigningSecret("whsec_new"), SigningSecret("whsec_old", NOW)),
        created_at=NOW,
    )
    return dataclasses.replace(plain, **changes)


def delivery(number: int, **changes: Any) -> Delivery:
    plain = Delivery(
        id=delivery_id(number),
        webhook_id=webhook_id(1),
        event_id=f"event {number}",
        event_type="order.placed",
        subject="s",
        body='{"id": "ä",  "order": "kept"}',
        due_at=NOW + number * SECOND,
        created_at=NOW + number * SECOND,
    )
    return dataclasses.replace(plain, **changes)


async def save(repository: WebhookRepository, *aggregates: Aggregate) -> None:
    changes = Changes()
    for each in aggregates:
        changes.save(each)
    await repository.commit(changes)


async def remove(repository: WebhookRepository, aggregate: Aggregate) -> None:
    changes = Changes()
    changes.remove(aggregate)
    await repository.commit(changes)


class TestWebhooks:
    async def test_come_back_as_they_were_saved(self, repository: WebhookRepository) -> None:
        one = webhook()
        other = webhook(
            2, contact=None, enabled=False, disabled_reason="failing", failing_since=NOW
        )
        await save(repository, other)
        await save(repository, one)
        assert await repository.webhooks() == [one, other]
        assert await repository.webhook(one.id) == one
        assert await repository.webhook(webhook_id(9)) is None

    async def test_changed_meanwhile_are_not_overwritten(
        self, repository: WebhookRepository
    ) -> None:
        await save(repository, webhook())
        mine, theirs = [await repository.webhook(webhook_id(1)) for _ in range(2)]
        assert mine is not None
        assert theirs is not None
        await save(repository, theirs)
        with pytest.raises(StaleVersion):
            await save(repository, mine)

    async def test_go_with_their_deliveries(self, repository: WebhookRepository) -> None:
        one = webhook()
        await save(repository, one)
        await save(repository, delivery(1))
        await remove(repository, one)
        assert await repository.delivery(delivery_id(1)) is None
        with pytest.raises(StaleVersion):
            await save(repository, delivery(2))


class TestDeliveries:
    @pytest.fixture(autouse=True)
    async def endpoint(self, repository: WebhookRepository) -> None:
        await save(repository, webhook(), webhook(2))

    async def test_come_back_as_they_were_saved(self, repository: WebhookRepository) -> None:
        attempt = Attempt(at=NOW, status=None, error="“no”", milliseconds=12)
        one = delivery(
            1,
            customer_id=JANE,
            personal=True,
            status=DeliveryStatus.FAILED,
            tries=3,
            started_at=NOW,
            attempts=[attempt, dataclasses.replace(attempt, status=503, error=None)],
        )
        await save(repository, one, delivery(2))
        assert await repository.delivery(one.id) == one

    async def test_are_one_an_event_and_endpoint(self, repository: WebhookRepository) -> None:
        await save(
            repository, delivery(1), delivery(2, webhook_id=webhook_id(2), event_id="event 1")
        )
        with pytest.raises(StaleVersion):
            await save(repository, delivery(3, event_id="event 1"))
        assert await repository.recorded("event 1") == {webhook_id(1), webhook_id(2)}
        assert await repository.recorded("event 9") == frozenset()

    async def test_are_listed_newest_first_by_the_page(self, repository: WebhookRepository) -> None:
        await save(repository, *(delivery(number) for number in range(5)))
        await save(repository, delivery(9, webhook_id=webhook_id(2)))
        seen: list[str] = []
        cursor = None
        while True:
            page = await repository.deliveries(webhook_id(1), status=None, limit=2, cursor=cursor)
            seen += [one.event_id for one in page.items]
            if (cursor := page.cursor) is None:
                break
        assert seen == [f"event {number}" for number in (4, 3, 2, 1, 0)]
        with pytest.raises(InvalidInput):
            await repository.deliveries(webhook_id(1), status=None, limit=2, cursor="WzFd")

    async def test_are_listed_by_status(self, repository: WebhookRepository) -> None:
        await save(repository, delivery(1), delivery(2, status=DeliveryStatus.FAILED))
        page = await repository.deliveries(
            webhook_id(1), status=DeliveryStatus.FAILED, limit=9, cursor=None
        )
        assert [one.event_id for one in page.items] == ["event 2"]

    async def test_that_are_due_come_longest_waiting_first(
        self, repository: WebhookRepository
    ) -> None:
        await save(
            repository,
            delivery(1, due_at=NOW),
            delivery(2, due_at=NOW - SECOND),
            delivery(3, due_at=NOW + SECOND),
            delivery(4, due_at=NOW, status=DeliveryStatus.DELIVERED),
            delivery(5, due_at=NOW, webhook_id=webhook_id(2)),
        )
        due = await repository.due_deliveries(webhook_id(1), NOW, 9)
        assert [one.event_id for one in due] == ["event 2", "event 1"]
        assert len(await repository.due_deliveries(webhook_id(1), NOW, 1)) == 1
        assert {*await repository.with_due_deliveries(NOW)} == {webhook_id(1), webhook_id(2)}
        assert await repository.with_due_deliveries(NOW - 2 * SECOND) == []

    async def test_of_an_endpoint_that_is_off_are_not_due(
        self, repository: WebhookRepository
    ) -> None:
        off = webhook(3, enabled=False)
        await save(repository, off)
        await save(repository, delivery(1, webhook_id=off.id))
        assert await repository.with_due_deliveries(NOW + 9 * SECOND) == []

    async def test_of_a_while_are_the_oldest_of_one_status(
        self, repository: WebhookRepository
    ) -> None:
        failed = {"status": DeliveryStatus.FAILED}
        await save(repository, *(delivery(number, **failed) for number in range(1, 7)))
        await save(repository, delivery(7), delivery(8, webhook_id=webhook_id(2), **failed))
        wanted = Range(
            status=DeliveryStatus.FAILED, since=NOW + 2 * SECOND, before=NOW + 6 * SECOND
        )
        found = await repository.deliveries_in(webhook_id(1), wanted, 3)
        assert [one.event_id for one in found] == ["event 2", "event 3", "event 4"]
        rest = dataclasses.replace(wanted, after=found[-1].id)
        found = await repository.deliveries_in(webhook_id(1), rest, 3)
        assert [one.event_id for one in found] == ["event 5"]

    async def test_that_tell_of_a_person_are_forgotten_with_the_person(
        self, repository: WebhookRepository
    ) -> None:
        await save(
            repository,
            delivery(1, customer_id=JANE, personal=True),
            delivery(2, customer_id=JANE),
            delivery(3, customer_id=CustomerId(delivery_id(7)), personal=True),
        )
        await remove(repository, Erasure(customer_id=JANE))
        page = await repository.deliveries(webhook_id(1), status=None, limit=9, cursor=None)
        assert [one.event_id for one in page.items] == ["event 3", "event 2"]

    async def test_are_forgotten_after_a_while(self, repository: ServiceStore) -> None:
        await save(repository, delivery(1))  # type: ignore[arg-type]  # it is both
        await repository.prune(to_text(NOW + KEPT_FOR))
        assert await repository.delivery(delivery_id(1))  # type: ignore[attr-defined]  # as above
        await repository.prune(to_text(NOW + KEPT_FOR + 2 * SECOND))
        assert await repository.delivery(delivery_id(1)) is None  # type: ignore[attr-defined]  # as above
