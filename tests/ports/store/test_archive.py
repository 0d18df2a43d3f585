"""What stands between a store and its archive: events on their way, and what was applied."""

from __future__ import annotations

import pytest

from kibble.platform.engines.mongodb.archive import MongoArchive
from kibble.platform.engines.postgres.archive import PostgresArchive
from kibble.platform.messaging.log import Outbox, ParkedEvent
from kibble.platform.persistence.archive import MESSAGING, PARKED_EVENTS, Archive
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import InboxMark
from tests.fixtures.kennel import Barked, dog_id
from tests.fixtures.kennel.mongodb import MongoDogStore
from tests.fixtures.kennel.postgres import PostgresDogStore

pytestmark = pytest.mark.engine

AT = "2026-03-02T15:00:00.000000Z"
Dogs = PostgresDogStore | MongoDogStore


@pytest.fixture(params=["postgres_store", "mongodb_store"])
def dogs(request: pytest.FixtureRequest) -> Dogs:
    """Each store in turn."""
    made: Dogs = request.getfixturevalue(request.param)
    return made


async def stays_open() -> None:
    """Leave the connection to the store's own fixture."""


def archive_of(dogs: Dogs) -> Archive:
    if isinstance(dogs, MongoDogStore):
        return MongoArchive("kennel", dogs, MESSAGING, {}, stays_open)
    return PostgresArchive("kennel", dogs.postgres, MESSAGING)


def parked(event_id: str) -> ParkedEvent:
    return ParkedEvent("one", "t", "k", "t.x", event_id, b"{}", "no", 1, "dead", AT, AT)


async def test_an_event_is_unfinished_until_it_is_published(dogs: Dogs) -> None:
    changes = Changes()
    changes.publish(Barked(dog_id=dog_id(1), words="wuff"), 1)
    await dogs.commit(changes, inbox=InboxMark("one", "an event"))
    assert await archive_of(dogs).unfinished() == 1
    outbox: Outbox = dogs
    await outbox.settle(await outbox.pending(10))
    assert await archive_of(dogs).unfinished() == 0


async def test_a_parked_event_that_was_applied_is_left_out(dogs: Dogs) -> None:
    for event_id in ("z", "applied", "a"):
        await dogs.park(parked(event_id))
    changes = Changes()
    changes.publish(Barked(dog_id=dog_id(1), words="wuff"), 1)
    await dogs.commit(changes, inbox=InboxMark("one", "applied"))
    rows = [row async for batch in archive_of(dogs).rows(PARKED_EVENTS) for row in batch]
    assert sorted((row["place"], row["event_id"]) for row in rows) == [(1, "z"), (2, "a")]
