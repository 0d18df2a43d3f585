"""What every ``NotificationRepository`` does."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime, time, timedelta

import pytest

from kibble.kernel.clock import to_text
from kibble.kernel.errors import InvalidInput, StaleVersion
from kibble.kernel.ids import CustomerId, NotificationId, ProductId
from kibble.platform.persistence.changes import Changes
from kibble.services.notification.adapters.dynamodb import DynamoNotificationRepository
from kibble.services.notification.model import (
    WAIT_LIFE,
    AddressErasure,
    Channel,
    Copy,
    Delisting,
    Erasure,
    Message,
    Preferences,
    QuietHours,
    Restock,
    Status,
    Waiting,
)
from kibble.services.notification.repository.messages import NotificationRepository
from tests.fixtures.eventually import eventually

NOW = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)
JANE = CustomerId("0193a7f0-0000-7000-8000-000000000001")
SAM = "sam@example.com"
JOHN = CustomerId("0193a7f0-0000-7000-8000-000000000002")


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


async def save(
    repository: NotificationRepository, *messages: Message | Preferences | Waiting | Restock
) -> None:
    changes = Changes()
    for each in messages:
        changes.save(each)
    await repository.commit(changes)


def waiting(number: int, product: int = 1, **changes: object) -> Waiting:
    """Return Jane's waiting for a product, with some fields changed."""
    plain = Waiting(
        id=f"0193a7f0-3333-7000-8000-{number:012x}",
        customer_id=JANE,
        product_id=product_id(product),
        product_name="Grüße 🐶",
        asked_at=NOW + timedelta(seconds=number),
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]  # the test names fields


def at_sams(number: int, product: int = 1, **changes: object) -> Waiting:
    """Return a guest's waiting for a product, with some fields changed."""
    return waiting(number, product, **({"customer_id": None, "email": SAM} | changes))


def product_id(number: int) -> ProductId:
    return ProductId(f"0193a7f0-2222-7000-8000-{number:012x}")


class TestWhoWaits:
    async def test_is_found_by_customer_and_by_product_in_the_order_of_asking(
        self, repository: NotificationRepository
    ) -> None:
        second, first = waiting(2), waiting(1, customer_id=JOHN)
        await save(repository, second, first, waiting(3, 2))
        assert list(await repository.waits_of(JANE)) == [second, waiting(3, 2, version=1)]
        assert list(await repository.waiting_for(product_id(1), 9)) == [first, second]
        assert list(await repository.waiting_for(product_id(1), 1)) == [first]

    async def test_for_a_product_does_so_once(self, repository: NotificationRepository) -> None:
        await save(repository, waiting(1))
        with pytest.raises(StaleVersion):
            await save(repository, waiting(2))

    async def test_ends_with_its_customer_or_product(
        self, repository: NotificationRepository
    ) -> None:
        await save(
            repository,
            waiting(1),
            waiting(2, customer_id=JOHN),
            waiting(3, 2, customer_id=JOHN),
            Restock(product_id=product_id(1), due_at=NOW),
        )
        for gone in (Erasure(customer_id=JANE), Delisting(product_id=product_id(2))):
            changes = Changes()
            changes.remove(gone)
            await repository.commit(changes)
        assert await repository.waits_of(JANE) == []
        assert [w.product_id for w in await repository.waits_of(JOHN)] == [product_id(1)]
        assert await repository.restock(product_id(1)) is not None

    async def test_may_be_a_guest_and_stands_in_the_same_order(
        self, repository: NotificationRepository
    ) -> None:
        guest = at_sams(2, language="es")
        await save(repository, waiting(3), guest, waiting(1, customer_id=JOHN))
        kept = dataclasses.replace(guest, version=1)
        assert list(await repository.waits_at(SAM)) == [kept]
        assert [w.id[-1] for w in await repository.waiting_for(product_id(1), 9)] == ["1", "2", "3"]
        assert (await repository.waiting_for(product_id(1), 2))[1] == kept
        assert await repository.waits_at("x@example.com") == []

    async def test_at_an_address_does_so_once_a_product(
        self, repository: NotificationRepository
    ) -> None:
        await save(repository, at_sams(1), at_sams(2, 2))
        with pytest.raises(StaleVersion):
            await save(repository, at_sams(3))

    async def test_at_an_address_is_removed_ended_with_the_product_and_erased(
        self, repository: NotificationRepository
    ) -> None:
        await save(repository, *(at_sams(number, number) for number in (1, 2, 3)))
        await save(repository, at_sams(4, email="x@example.com"))
        first = (await repository.waits_at(SAM))[0]
        for gone, left in (
            (first, [2, 3]),
            (Delisting(product_id=product_id(2)), [3]),
            (AddressErasure(email=SAM), []),
        ):
            changes = Changes()
            changes.remove(gone)
            await repository.commit(changes)
            found = [waiting.product_id for waiting in await repository.waits_at(SAM)]
            assert found == [product_id(number) for number in left]
        assert len(await repository.waiting_for(product_id(1), 9)) == 1
        assert await repository.waiting_for(product_id(3), 9) == []

    async def test_does_so_for_half_a_year(self, repository: NotificationRepository) -> None:
        await save(repository, waiting(1), at_sams(2))
        if isinstance(repository, DynamoNotificationRepository):  # its time to live ends it
            item = await repository.table.get(f"address#{SAM}", f"wait#{product_id(1)}")
            assert item is not None
            assert item["expires"] == int((waiting(2).asked_at + WAIT_LIFE).timestamp())
            return
        await repository.prune(to_text(waiting(1).asked_at + WAIT_LIFE))  # type: ignore[attr-defined]  # it has more than the port
        assert len(await repository.waiting_for(product_id(1), 9)) == 2
        await repository.prune(to_text(waiting(2).asked_at + WAIT_LIFE))  # type: ignore[attr-defined]  # as above
        assert await repository.waits_of(JANE) == []
        assert len(await repository.waits_at(SAM)) == 1

    async def test_is_removed_once(self, repository: NotificationRepository) -> None:
        await save(repository, waiting(1))
        (found,) = await repository.waits_of(JANE)
        again = dataclasses.replace(found)
        for each in (found, again):
            changes = Changes()
            changes.remove(each)
            if each is found:
                await repository.commit(changes)
            else:
                with pytest.raises(StaleVersion):
                    await repository.commit(changes)


class TestWhatIsCollected:
    async def test_is_not_claimed_and_found_by_customer_when_it_is_due(
        self, repository: NotificationRepository
    ) -> None:
        mail = {"channel": Channel.EMAIL, "status": Status.PENDING, "sent_at": None}
        due = message(1, collected=True, **mail)
        await save(
            repository,
            due,
            message(2, collected=True, due_at=NOW + timedelta(hours=1), **mail),
            message(3, collected=True, customer_id=JOHN, **(mail | {"status": Status.SUPPRESSED})),
            message(4, **mail),
        )
        assert list(await repository.digests_due(NOW, 9)) == [JANE]
        assert [each.id for each in await repository.collected(JANE, NOW)] == [due.id]
        claimed = await repository.claim(NOW, NOW + timedelta(seconds=30), 9)
        assert [each.id for each in claimed] == [message(4).id]


class TestRestocks:
    async def test_are_due_in_the_order_of_their_times(
        self, repository: NotificationRepository
    ) -> None:
        times = {1: NOW, 2: NOW - timedelta(seconds=1), 3: NOW + timedelta(microseconds=1)}
        for number, due_at in times.items():
            await save(repository, Restock(product_id=product_id(number), due_at=due_at))
        due = await repository.restocks_due(NOW, 9)
        assert [each.product_id for each in due] == [product_id(2), product_id(1)]
        assert len(await repository.restocks_due(NOW, 1)) == 1

    async def test_come_back_as_they_were_saved_and_move(
        self, repository: NotificationRepository
    ) -> None:
        await save(repository, Restock(product_id=product_id(1), due_at=NOW))
        found = await repository.restock(product_id(1))
        assert found == Restock(product_id=product_id(1), due_at=NOW, version=1)
        found.due_at = NOW + timedelta(hours=2)
        await save(repository, found)
        assert await repository.restock(product_id(1)) == found
        assert await repository.restock(product_id(2)) is None


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
                copy=Copy("Hola", "Texto.", language="es"),
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


UNTIL = NOW + timedelta(seconds=30)
WAITS = {"channel": Channel.EMAIL, "status": Status.PENDING, "sent_at": None}


async def claimed(
    repository: NotificationRepository, now: datetime = NOW, limit: int = 10
) -> list[str]:
    return [m.request_id for m in await repository.claim(now, now + (UNTIL - NOW), limit)]


class TestClaim:
    async def test_is_of_what_waits_and_whose_time_has_come_longest_first(
        self, repository: NotificationRepository
    ) -> None:
        await save(
            repository,
            message(1, **WAITS, due_at=NOW),
            message(2, **WAITS, due_at=NOW - timedelta(hours=1)),
            message(3, **WAITS, due_at=NOW + timedelta(microseconds=1)),
            message(4, channel=Channel.EMAIL, status=Status.FAILED),
            message(5),
        )
        assert await claimed(repository) == ["r2", "r1"]

    async def test_gives_each_message_to_one_of_those_that_claim(
        self, repository: NotificationRepository
    ) -> None:
        for number in range(20):
            await save(repository, message(number, **WAITS))
        took = await asyncio.gather(*(claimed(repository, limit=6) for _ in range(8)))
        took.append(await claimed(repository))
        assert sorted(one for part in took for one in part) == sorted(
            f"r{number}" for number in range(20)
        )
        assert max(map(len, took)) <= 6

    async def test_gives_the_whole_message(self, repository: NotificationRepository) -> None:
        waits = message(1, **WAITS, due_at=NOW - timedelta(hours=1), attempts=2, reason="busy")
        await save(repository, waits)
        assert await repository.claim(NOW, UNTIL, 1) == [await repository.message(waits.id)]

    async def test_ends_when_it_is_given_back(self, repository: NotificationRepository) -> None:
        await save(repository, message(1, **WAITS), message(2, **WAITS))
        assert await claimed(repository) == ["r1", "r2"]
        await repository.give_back([message(1).id, message(9).id])
        assert await claimed(repository) == ["r1"]

    async def test_ends_by_itself_at_its_time(self, repository: NotificationRepository) -> None:
        await save(repository, message(1, **WAITS))
        assert await claimed(repository) == ["r1"]
        assert await claimed(repository, UNTIL - timedelta(microseconds=1)) == []
        assert await claimed(repository, UNTIL) == ["r1"]
        assert await claimed(repository, UNTIL) == []

    async def test_changes_nothing_in_the_message(self, repository: NotificationRepository) -> None:
        await save(repository, message(1, **WAITS))
        before = await repository.message(message(1).id)
        await claimed(repository)
        assert await repository.message(message(1).id) == before


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
        assert await repository.newest_positions([JANE, JOHN]) == {}
        await save(repository, message(1), message(2), message(3))
        second = await repository.position(JANE, message(2).id)
        after = await repository.inbox_after(JANE, second, 10)
        assert [m.request_id for m in after] == ["r3"]
        assert await repository.newest_positions([JANE, JOHN]) == {JANE: after[-1].position}
        assert [m.request_id for m in await repository.inbox_after(JANE, 0, 2)] == ["r1", "r2"]

    async def test_tells_how_far_each_inbox_has_got(
        self, repository: NotificationRepository
    ) -> None:
        await save(repository, message(1), message(2, customer_id=JOHN), message(3))
        await save(repository, message(4, channel=Channel.EMAIL))
        newest = await repository.newest_positions([JOHN, JANE])
        assert newest == {
            JANE: await repository.position(JANE, message(4).id),
            JOHN: await repository.position(JOHN, message(2).id),
        }
        assert await repository.newest_positions([]) == {}

    async def test_shows_all_up_to_a_position_that_can_be_seen(
        self, repository: NotificationRepository
    ) -> None:
        """Who reads on after what it saw misses nothing that many write at once."""
        seen: list[Message] = []

        async def read_on() -> int:
            place = seen[-1].position if seen else 0
            seen.extend(await repository.inbox_after(JANE, place, 7))
            return len(seen)

        writing = asyncio.gather(*(save(repository, message(number)) for number in range(60)))
        await eventually(read_on, until=lambda count: count >= 60, within=60)
        await writing
        assert sorted(m.request_id for m in seen) == sorted(f"r{number}" for number in range(60))

    async def test_anothers_message_is_no_position(
        self, repository: NotificationRepository
    ) -> None:
        await save(repository, message(1))
        assert await repository.position(JOHN, message(1).id) == 0


class TestAbout:
    async def test_tells_every_message_of_an_order_and_no_other(
        self, repository: NotificationRepository
    ) -> None:
        order, other = (
            "0193a7f0-0000-7000-8000-0000000000aa",
            "0193a7f0-0000-7000-8000-0000000000ab",
        )
        mail = message(1, request_id=f"{order}:order_confirmed:1", channel=Channel.EMAIL)
        guests = message(2, request_id=f"{order}:order_shipped:2", customer_id=None)
        theirs = message(3, request_id=f"{other}:order_shipped:2")
        await save(repository, mail, guests, theirs, message(4))
        about = await repository.messages_about(order)
        assert [each.id for each in about] == [mail.id, guests.id]


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

    async def test_changed_meanwhile_are_not_overwritten(
        self, repository: NotificationRepository
    ) -> None:
        await save(repository, Preferences(customer_id=JANE))
        mine, theirs = [await repository.preferences(JANE) for _ in range(2)]
        assert mine is not None
        assert theirs is not None
        await save(repository, theirs)
        with pytest.raises(StaleVersion):
            await save(repository, mine)


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

    async def test_removes_all_to_a_guests_address(
        self, repository: NotificationRepository
    ) -> None:
        guest = {"customer_id": None, "channel": Channel.EMAIL, "email": SAM}
        mine = message(1, **guest), message(2, request_id="r1:x", **guest)
        other = message(3, **(guest | {"email": "x@example.com"}))
        await save(repository, *mine, other, message(4, email=SAM))

        to = await repository.messages_to(SAM)
        assert [each.id for each in to] == [mine[0].id, mine[1].id]
        for _ in range(2):
            changes = Changes()
            changes.remove(AddressErasure(email=SAM))
            await repository.commit(changes)
        assert await repository.messages_to(SAM) == []
        assert await repository.message(mine[0].id) is None
        assert [each.id for each in await repository.messages_to("x@example.com")] == [other.id]
        assert len(await repository.messages_of(JANE)) == 1
