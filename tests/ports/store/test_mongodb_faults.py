"""A MongoDB server that goes away, and comes back."""

from __future__ import annotations

import pytest

from kibble.kernel.errors import Unavailable
from kibble.platform.engines.mongodb import open_database
from kibble.platform.persistence.changes import Changes
from tests.fixtures.doubles import FakeClock
from tests.fixtures.engines import StartServer, start_server
from tests.fixtures.kennel import Dog, dog_id
from tests.fixtures.kennel.mongodb import MongoDogStore

__all__ = ["start_server"]

pytestmark = [pytest.mark.engine, pytest.mark.slow]


async def test_a_store_says_that_it_is_away_and_goes_on_once_it_is_back(
    start_server: StartServer, clock: FakeClock
) -> None:
    server = start_server("mongodb")
    database, close = open_database(server.url, "kennel")
    store = MongoDogStore(database, clock)
    await store.migrate()
    await server.kill()
    changes = Changes()
    changes.save(Dog(dog_id(), "Rex"))
    for refused in (
        store.commit(changes),
        store.dog(dog_id()),
        store.pending(1),
        store.find_reply("key"),
        store.parked(),
    ):
        with pytest.raises(Unavailable):
            await refused
    await server.start()
    await store.commit(changes)
    assert await store.dog(dog_id()) is not None
    await close()
