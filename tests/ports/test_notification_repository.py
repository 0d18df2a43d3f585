"""What every ``NotificationRepository`` does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from kibble.kernel.errors import InvalidInput, StaleVersion
from kibble.kernel.ids import CustomerId, NotificationId
from kibble.platform.engines.sqlite import Database, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Changes
from kibble.services.notification import adapters
from kibble.services.notification.adapters.sqlite import SqliteNotificationRepository
from kibble.services.notification.model import (
    Channel,
    Copy,
    Erasure,
    Message,
    Preferences,
    QuietHours,
    Status,
)
from kibble.services.notification.repository import NotificationRepository
from tests.fixtures.doubles import FakeClock, fake_ids

NOW = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)
JANE = CustomerId("0193a7f0-0000-7000-8000-000000000001")
JOHN = CustomerId("0193a7f0-0000-7000-8000-000000000002")


@pytest.fixture(params=["sqlite in the loop", "sqlite with its thread"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NotificationRepository]:
    database = Database(tmp_path / "notification.db", inline=request.param == "sqlite in the loop")
    migrate(database, adapters.__name__)
    clock = FakeClock()
    envelopes = EnvelopeMaker("notification", clock, fake_ids(clock))
    made = SqliteNotificationRepository(database, envelopes)
    yield made
    made.close()


def message(number: int, **changes: object) -> Message:
    """Return an in-app message of Jane's, with some fields changed."""
    plain = Message(
        id=NotificationId(f"0193a7f0-0000-7000-8000-{number:012x}"),
        request_id=f"r{number}",
        kind="order_shipped",
        channel=Channel.IN_APP,
        customer_id=JANE,
        email=None,
        copy=Copy("Your order is on its way", "Grüße 🐶\n\nIt left.", "Track", "/orders/1"),
        due_at=NOW,
        created_at=NOW,
        status=Status.SENT,
        sent_at=NOW,
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]  # the test names fields


async def save(repository: NotificationRepository, *messages: Message | Preferences) -> None:
    changes = Changes()
    for each in messages:
        changes.save(each)
    await repository.commit(changes)


class TestMessages:
    @pytest.mark.parametrize(
        "saved",
        [
            message(1),
            message(
                2,
                channel=Channel.EMAIL,
                customer_id=None,
                email="guest@example.com",
                copy=Copy("Hi", "Text."),
                status=Status.PENDING,
                sent_at=None,
                attempts=3,
                reason="The relay is busy.",
            ),
        ],
        ids=["in app", "by e-mail"],
    )
    async def test_come_back_as_they_were_saved(
        self, repository: NotificationRepository, saved: Message
    ) -> None:
        saved = dataclasses.replace(saved, version=0)
        await save(repository, saved)
        found = await repository.message(saved.id)
        assert found is not None
        assert found == dataclasses.replace(saved, position=found.position)
        assert found.position > 0

    async def test_that_are_not_there_are_none(self, repository: NotificationRepository) -> None:
        assert await repository.message(message(1).id) is None

    async def test_of_one_request_are_one_a_channel(
        self, repository: NotificationRepository
    ) -> None:
        email = message(2, request_id="r1", channel=Channel.EMAIL)
        await save(repository, message(1), email)
        with pytest.raises(StaleVersion):
            await save(repository, message(3, request_id="r1"))
        assert await repository.has_request("r1")
        assert not await repository.has_request("r3")

    async def test_changed_meanwhile_are_not_overwritten(
        self, repository: NotificationRepository
    ) -> None:
        await save(repository, message(1))
        mine, theirs = [await repository.message(message(1).id) for _ in range(2)]
        assert mine is not None
        assert theirs is not None
        await save(repository, theirs)
        with pytest.raises(StaleVersion):
            await save(repository, mine)


class TestDue:
    async def test_is_what_waits_and_whose_time_has_come_longest_first(
        self, repository: NotificationRepository
    ) -> None:
        waits = {"channel": Channel.EMAIL, "status": Status.PENDING, "sent_at": None}
        await save(
            repository,
            message(1, **waits, due_at=NOW),
            message(2, **waits, due_at=NOW - timedelta(hours=1)),
            message(3, **waits, due_at=NOW + timedelta(microseconds=1)),
            message(4, channel=Channel.EMAIL, status=Status.FAILED),
            message(5),
        )
        assert [m.request_id for m in await repository.due(NOW, 10)] == ["r2", "r1"]
        assert [m.request_id for m in await repository.due(NOW, 1)] == ["r2"]


class TestInbox:
    async def test_pages_are_newest_first_and_miss_nothing(
        self, repository: NotificationRepository
    ) -> None:
        for number in range(5):
            await save(repository, message(number))
        seen: list[str] = []
        cursor = None
        while True:
            page = await repository.inbox(JANE, unread=False, limit=2, cursor=cursor)
            seen += [m.request_id for m in page.items]
            cursor = page.cursor
            if cursor is None:
                break
        assert seen == ["r4", "r3", "r2", "r1", "r0"]

    async def test_has_only_what_the_app_shows_to_that_customer(
        self, repository: NotificationRepository
    ) -> None:
        await save(
            repository,
            message(1),
            message(2, channel=Channel.EMAIL),
            message(3, status=Status.SUPPRESSED),
            message(4, customer_id=JOHN),
            message(5, read=True),
        )
        page = await repository.inbox(JANE, unread=False, limit=10, cursor=None)
        unread = await repository.inbox(JANE, unread=True, limit=10, cursor=None)
        assert [m.request_id for m in page.items] == ["r5", "r1"]
        assert [m.request_id for m in unread.items] == ["r1"]
        assert len(await repository.messages_of(JANE)) == 4

    async def test_refuses_a_cursor_of_something_else(
        self, repository: NotificationRepository
    ) -> None:
        with pytest.raises(InvalidInput):
            await repository.inbox(JANE, unread=False, limit=2, cursor="WyJ4Il0")

    async def test_goes_on_after_a_position(self, repository: NotificationRepository) -> None:
        assert await repository.newest_position(JANE) == 0
        await save(repository, message(1), message(2), message(3), message(4, customer_id=JOHN))
        second = await repository.position(JANE, message(2).id)
        after = await repository.inbox_after(JANE, second, 10)
        assert [m.request_id for m in after] == ["r3"]
        assert await repository.newest_position(JANE) == after[-1].position
        assert [m.request_id for m in await repository.inbox_after(JANE, 0, 2)] == ["r1", "r2"]

    async def test_anothers_message_is_no_position(
        self, repository: NotificationRepository
    ) -> None:
        await save(repository, message(1))
        assert await repository.position(JOHN, message(1).id) == 0


class TestPreferences:
    async def test_come_back_as_they_were_saved(self, repository: NotificationRepository) -> None:
        chosen = Preferences(customer_id=JANE)
        chosen.revise(
            {Channel.SMS: True},
            {"order_shipped": {Channel.EMAIL: False}},
            QuietHours(time(22), time(7, 30), "America/New_York"),
            NOW,
        )
        await save(repository, chosen)
        assert await repository.preferences(JANE) == chosen

    async def test_without_quiet_hours_too(self, repository: NotificationRepository) -> None:
        chosen = Preferences(customer_id=JANE)
        chosen.revise({}, {}, None, NOW)
        await save(repository, chosen)
        assert await repository.preferences(JANE) == chosen
        assert await repository.preferences(JOHN) is None


class TestErasure:
    async def test_removes_all_of_one_customer(self, repository: NotificationRepository) -> None:
        chosen = Preferences(customer_id=JANE)
        chosen.revise({}, {}, None, NOW)
        await save(repository, chosen, message(1), message(2, customer_id=JOHN))
        for _ in range(2):
            changes = Changes()
            changes.remove(Erasure(customer_id=JANE))
            await repository.commit(changes)
        assert await repository.preferences(JANE) is None
        assert await repository.messages_of(JANE) == []
        assert len(await repository.messages_of(JOHN)) == 1
