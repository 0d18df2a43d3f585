"""What a ledger on Cassandra does among replicas, after crashes, and when answers get lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count, pairwise
from uuid import UUID

import pytest

from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import OrderId, ProductId
from kibble.platform.engines.cassandra import DriverSession, Session
from kibble.platform.engines.cassandra.leases import RENEW_SECONDS
from kibble.platform.persistence.store import StoredReply
from kibble.services.inventory.adapters.cassandra_intents import SHARDS
from tests.fixtures.engines import Space
from tests.ports.stock_ledger.depot import CassandraDepot
from tests.ports.stock_ledger.sessions import DyingSession, UnsureSession

pytestmark = pytest.mark.engine

UPDATED = "inventory.stock_updated"


@pytest.fixture
def another_session(cassandra: Space, session: DriverSession) -> Iterator[DriverSession]:
    """A session of another process, in the same keyspace."""
    other = asyncio.run(DriverSession.open(cassandra.url, session.keyspace))
    yield other
    asyncio.run(other.close())


@pytest.fixture
async def replicas(
    cassandra_depot: CassandraDepot, another_session: DriverSession
) -> tuple[CassandraDepot, CassandraDepot]:
    """Two processes over one keyspace."""
    return cassandra_depot, cassandra_depot.replica(another_session)


Replicas = tuple[CassandraDepot, CassandraDepot]


class TestReplicas:
    async def test_sell_exactly_what_there_is(self, replicas: Replicas) -> None:
        food = await replicas[0].product(10)
        held = await asyncio.gather(
            *(replicas[n % 2].hold(replicas[0].order(), {food: 1}) for n in range(50))
        )
        assert sum(held) == 10
        assert await replicas[1].figures(food) == (10, 10)

    async def test_sell_pairs_that_are_scarce_without_leaving_halves(
        self, replicas: Replicas
    ) -> None:
        food, toy = await replicas[0].product(6), await replicas[0].product(4)
        held = await asyncio.gather(
            *(replicas[n % 2].hold(replicas[0].order(), {food: 1, toy: 1}) for n in range(16))
        )
        assert sum(held) == 4
        assert await replicas[0].figures(food) == (6, 4)
        assert await replicas[0].figures(toy) == (4, 4)

    async def test_hold_once_for_an_order_that_both_are_asked_for(self, replicas: Replicas) -> None:
        food, toy, order = await replicas[0].product(9), await replicas[0].product(9), None
        order = replicas[0].order()
        held = await asyncio.gather(
            *(replicas[n % 2].hold(order, {food: 2, toy: 3}) for n in range(6))
        )
        assert all(held)
        assert await replicas[0].figures(food) == (9, 2)
        assert await replicas[0].figures(toy) == (9, 3)

    async def test_settle_an_order_once_when_one_deducts_and_one_releases(
        self, replicas: Replicas
    ) -> None:
        food, toy = await replicas[0].product(20), await replicas[0].product(20)
        orders = [replicas[0].order() for _ in range(6)]
        for order in orders:
            await replicas[0].hold(order, {food: 1, toy: 2})
        await asyncio.gather(
            *(replicas[0].deduct(order) for order in orders),
            *(replicas[1].service.release(order, "cancelled") for order in orders),
        )
        assert await replicas[0].figures(food) == (20, 0)
        assert await replicas[1].figures(toy) == (20, 0)

    async def test_sweep_side_by_side_and_give_back_once(self, replicas: Replicas) -> None:
        food = await replicas[0].product(8)
        for _ in range(8):
            await replicas[0].hold(replicas[0].order(), {food: 1})
        replicas[0].clock.advance(901)
        await asyncio.gather(*(replica.service.expire_holds() for replica in replicas))
        assert await replicas[0].figures(food) == (8, 0)
        told = await replicas[0].told("inventory.reservation_expired")
        assert len({event["orderId"] for event in told}) == 8

    async def test_add_up_what_both_adjust(self, replicas: Replicas) -> None:
        food = await replicas[0].product(1)
        await asyncio.gather(*(adjust(replicas[n % 2], food) for n in range(20)))
        assert await replicas[0].figures(food) == (21, 0)
        movements = (await replicas[1].ledger.movements(food, 100, None)).items
        assert [recorded.movement.delta for recorded in movements] == [1] * 21


async def adjust(depot: CassandraDepot, product_id: ProductId) -> None:
    await depot.service.adjust(product_id, depot.warehouse_id, 1, "found", lambda _: None)


class TestUnknownOutcomes:
    @pytest.mark.parametrize("done", [True, False])
    async def test_change_nothing(self, cassandra_depot: CassandraDepot, *, done: bool) -> None:
        food = await cassandra_depot.product(20)
        unsure = UnsureSession(
            cassandra_depot.session, lambda number: done if number % 3 == 1 else None
        )
        depot = cassandra_depot.replica(unsure)
        orders = [depot.order() for _ in range(6)]
        for order in orders:
            assert await depot.hold(order, {food: 2})
        for order in orders[:3]:
            assert await depot.deduct(order)
        for order in orders[2:]:
            await depot.service.release(order, "cancelled")
        for _ in range(3):
            await adjust(depot, food)
        assert await depot.figures(food) == (20 - 2 * 2 + 3, 0)


Command = Callable[[CassandraDepot, OrderId, tuple[ProductId, ProductId]], Awaitable[object]]


async def reserve(
    depot: CassandraDepot, order: OrderId, products: tuple[ProductId, ProductId]
) -> object:
    return await depot.hold(order, dict.fromkeys(products, 2))


async def deduct(depot: CassandraDepot, order: OrderId, _: object) -> object:
    return await depot.deduct(order)


async def release(depot: CassandraDepot, order: OrderId, _: object) -> object:
    return await depot.service.release(order, "cancelled")


async def expire(depot: CassandraDepot, *_: object) -> object:
    depot.clock.advance(901)
    return await depot.service.expire_holds()


LIVES: dict[str, tuple[list[Command], tuple[int, int]]] = {
    "reserved": ([reserve], (9, 2)),
    "deducted": ([reserve, deduct], (7, 0)),
    "released": ([reserve, release], (9, 0)),
    "expired": ([reserve, expire], (9, 0)),
    "returned": ([reserve, deduct, release], (9, 0)),
    "late money": ([reserve, expire, deduct], (7, 0)),
}
"""What is done to an order of two products of 9 units each, and what they have in the end."""


class TestCrashes:
    """A process dies at any of its writes, before it or after it."""

    @pytest.mark.parametrize("after", [False, True])
    @pytest.mark.parametrize("life", LIVES)
    async def test_are_healed_by_who_repeats_the_last_command(
        self, cassandra_depot: CassandraDepot, life: str, *, after: bool
    ) -> None:
        commands, end = LIVES[life]
        async for order, products in crashes(cassandra_depot, commands, after=after):
            await commands[-1](cassandra_depot.replica(), order, products)
            assert [await cassandra_depot.figures(p) for p in products] == [end, end]
            await books_are_told(cassandra_depot, products)

    @pytest.mark.parametrize("life", LIVES)
    async def test_are_healed_by_the_sweep_when_nobody_comes_back(
        self, cassandra_depot: CassandraDepot, life: str
    ) -> None:
        commands, _ = LIVES[life]
        async for _order, products in crashes(cassandra_depot, commands, after=True):
            replica = cassandra_depot.replica()
            for _ in range(3):
                cassandra_depot.clock.advance(901)
                await replica.service.expire_holds()
            first, second = [await replica.figures(product) for product in products]
            assert first == second
            assert first in {(9, 0), (7, 0)}
            await books_are_told(cassandra_depot, products)


async def crashes(
    depot: CassandraDepot, commands: list[Command], *, after: bool
) -> AsyncIterator[tuple[OrderId, tuple[ProductId, ProductId]]]:
    """Live an order's life again and again, each time dying a write later in its last command."""
    for at in count(1):
        products = (await depot.product(9), await depot.product(9))
        order = depot.order()
        for command in commands[:-1]:
            await command(depot, order, products)
        dying = DyingSession(depot.session, at, after=after)
        try:
            await commands[-1](depot.replica(dying), order, products)
        except Unavailable:
            assert dying.died
        if not dying.died:
            return
        yield order, products


async def books_are_told(depot: CassandraDepot, products: tuple[ProductId, ProductId]) -> None:
    """Expect that events end with each product's state, also for a consumer that came late."""
    depot.clock.advance(60)
    latest = {told["productId"]: told for told in await depot.told(UPDATED)}
    for product in products:
        on_hand, reserved = await depot.figures(product)
        assert (latest[product]["onHand"], latest[product]["reserved"]) == (on_hand, reserved)


class TestOutbox:
    async def test_gives_what_is_not_settled_again_under_the_same_id(
        self, cassandra_depot: CassandraDepot
    ) -> None:
        await cassandra_depot.product(9)
        outbox = cassandra_depot.cassandra.outbox
        first, second = await outbox.pending(10), await outbox.pending(10)
        ids = [[envelope_id(event.envelope) for event in events] for events in (first, second)]
        assert ids[0] == ids[1] != []
        await outbox.settle(second)
        assert await outbox.pending(10) == []

    async def test_keeps_what_is_settled_by_who_does_not_own_it_any_more(
        self, cassandra_depot: CassandraDepot
    ) -> None:
        await cassandra_depot.product(9)
        mine, others = cassandra_depot.cassandra.outbox, cassandra_depot.replica().cassandra.outbox
        events = await mine.pending(10)
        await mine.release()
        await mine.settle(events)
        taken_over = await others.pending(10)
        assert [envelope_id(e.envelope) for e in taken_over] == [
            envelope_id(e.envelope) for e in events
        ]

    async def test_is_shared_fairly_by_those_who_relay(
        self, cassandra_depot: CassandraDepot
    ) -> None:
        others = [cassandra_depot.replica().cassandra.outbox for _ in range(3)]
        outboxes = [cassandra_depot.cassandra.outbox, *others]
        for _ in range(3):
            for outbox in outboxes:
                await outbox.pending(10)
            cassandra_depot.clock.advance(6)
        for _ in range(12):
            await cassandra_depot.product(9)
        seen = [{event.key for event in await outbox.pending(1000)} for outbox in outboxes]
        assert len(set().union(*seen)) == 12
        assert all(not one & two for one, two in pairwise(seen))
        assert sum(bool(keys) for keys in seen) > 1

    async def test_owns_a_shard_whose_lease_it_was_given_without_hearing_of_it(
        self, cassandra_depot: CassandraDepot
    ) -> None:
        food = await product_of_shard(cassandra_depot, 0)
        unsure = UnsureSession(cassandra_depot.session, lambda number: number == 1 or None)
        outbox = cassandra_depot.replica(unsure).cassandra.outbox
        await outbox.pending(100)
        cassandra_depot.clock.advance(RENEW_SECONDS)
        assert [event.key for event in await outbox.pending(100)][:1] == [food]

    async def test_passes_by_what_was_told_before_to_what_was_not(
        self, cassandra_depot: CassandraDepot
    ) -> None:
        """Intents outlive what they announce when a state is told for several of them at once."""
        told = await product_of_shard(cassandra_depot, 0)
        for _ in range(3):
            cassandra_depot.clock.advance(901)
            await cassandra_depot.service.set_level(told, cassandra_depot.warehouse_id, 5)
            await cassandra_depot.service.set_level(told, cassandra_depot.warehouse_id, 9)
        outbox = cassandra_depot.cassandra.outbox
        await outbox.settle(await outbox.pending(100))
        fresh = await product_of_shard(cassandra_depot, 0)
        assert {event.key for event in await outbox.pending(100)} == {fresh}

    async def test_tells_nothing_of_a_write_that_never_came(
        self, cassandra_depot: CassandraDepot
    ) -> None:
        food = await cassandra_depot.product(9)
        before = len(await cassandra_depot.published())
        dying = DyingSession(cassandra_depot.session, 2, after=False)
        depot = cassandra_depot.replica(dying)
        with pytest.raises(Unavailable):
            await depot.service.set_level(food, depot.warehouse_id, 3)
        assert len(await cassandra_depot.published()) == before
        cassandra_depot.clock.advance(3600)
        assert len(await cassandra_depot.published()) == before

    async def test_finds_what_waited_for_hours(self, cassandra_depot: CassandraDepot) -> None:
        food = await cassandra_depot.product(9)
        cassandra_depot.clock.advance(5 * 3600)
        for _ in range(100):
            if await cassandra_depot.told(UPDATED):
                break
        assert [told["productId"] for told in await cassandra_depot.told(UPDATED)] == [food]


async def product_of_shard(depot: CassandraDepot, shard: int) -> ProductId:
    ids = iter(depot.ids.new, None)
    product = next(ProductId(id_) for id_ in ids if UUID(id_).int % SHARDS == shard)
    await depot.know(product)
    await depot.service.set_level(product, depot.warehouse_id, 9)
    return product


def stored_reply() -> StoredReply:
    return StoredReply("k", "print", 201, {}, b"{}")


def envelope_id(envelope: bytes) -> str:
    return envelope.partition(b'"id":"')[2].partition(b'"')[0].decode()


async def test_an_answer_waits_for_its_change(cassandra_depot: CassandraDepot) -> None:
    """The record of an idempotency key is there before its effect, and must not count then."""
    food = await cassandra_depot.product(9)
    replica = cassandra_depot.replica

    async def keyed(session: Session) -> None:
        depot = replica(session)
        await depot.service.adjust(food, depot.warehouse_id, 1, "found", lambda _: stored_reply())

    with pytest.raises(Unavailable):
        await keyed(DyingSession(cassandra_depot.session, 2, after=False))
    assert await cassandra_depot.ledger.find_reply("k") is None
    with pytest.raises(Unavailable):
        await keyed(DyingSession(cassandra_depot.session, 2, after=True))
    assert await cassandra_depot.ledger.find_reply("k") == stored_reply()
    assert await cassandra_depot.figures(food) == (10, 0)
