"""Writing the index: one process at a time, batch by batch, and whole new ones beside the old."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import ProductId
from kibble.platform.engines.elasticsearch import CONFLICT, NOT_FOUND, Elasticsearch
from kibble.services.product.adapters.elasticsearch.control import Control, State, Stored
from kibble.services.product.adapters.elasticsearch.document import document, mark
from kibble.services.product.adapters.elasticsearch.fields import FORMAT, MAPPINGS, SETTINGS
from kibble.services.product.errors import IndexBusy
from kibble.services.product.repository.search import FeedBatch

BEAT_SECONDS = 5.0
"""How often a writer gives a sign of life."""

_FIRST_ERROR = 300


@dataclass(slots=True)
class _Turn:
    """A turn to write ``index``, from the feed's position ``start`` on; up to ``reached`` so far.

    ``index`` is another than the one that searches use while a new one is built.
    """

    stored: Stored
    index: str
    start: int
    reached: int
    beaten_at: float


class IndexWriter:
    """Writes what the alias leads to; ``owner`` tells this process from others.

    A document carries the position of the batch that it came in as its version, and the engine
    refuses an older one: a writer that was taken for dead and goes on does no harm.
    """

    def __init__(self, engine: Elasticsearch, namespace: str, owner: str, clock: Clock) -> None:
        self.alias = f"{namespace}-products-{FORMAT}"
        self._engine = engine
        self._owner = owner
        self._clock = clock
        self._control = Control(engine, f"{self.alias}-control", clock)
        self._turn: _Turn | None = None
        self._begun = 0

    async def position(self) -> int:
        """See ``SearchIndex.position``; 0 too for an index that was lost."""
        if self._turn is not None:
            return self._turn.start
        state = (await self._control.read()).state
        return state.position if await self._is_published(state.index) else 0

    async def add(self, batch: FeedBatch) -> None:
        """See ``SearchIndex.add``."""
        async with self._writing() as turn:
            documents = {one.id: document(one) for one in batch.entries}
            marks = {one.id: mark(one) for one in batch.entries}
            present = await self._marks(turn.index, list(marks))
            changed = {id_: documents[id_] for id_ in marks if present.get(id_) != marks[id_]}
            await self._send(turn.index, list(_lines(changed, batch)))
            turn.reached = max(turn.reached, batch.position)

    async def clear(self) -> None:
        """See ``SearchIndex.clear``."""
        async with self._writing() as turn:
            if turn.reached or turn.index == turn.stored.state.index:
                await self._begin(turn)

    async def refresh(self) -> None:
        """See ``SearchIndex.refresh``."""
        if self._turn is None and await self._is_there():
            return
        async with self._writing() as turn:
            await self._engine.call("POST", f"/{turn.index}/_refresh", writes=True)
            state = State(turn.index, turn.reached, self._owner, turn.stored.state.beat + 1)
            if turn.stored.state.index != turn.index:
                turn.stored = await self._control.write(turn.stored, state)
                await self._publish(turn.index)
            await self._control.write(turn.stored, msgspec.structs.replace(state, owner=""))
            self._turn = None

    @asynccontextmanager
    async def _writing(self) -> AsyncGenerator[_Turn]:
        """Lend the turn, a new one if need be; a failure ends it."""
        turn, self._turn = self._turn or await self._claim(), None
        if self._clock.monotonic() - turn.beaten_at > BEAT_SECONDS:
            state = turn.stored.state
            alive = msgspec.structs.replace(state, beat=state.beat + 1)
            turn.stored = await self._control.write(turn.stored, alive)
            turn.beaten_at = self._clock.monotonic()
        self._turn = turn
        try:
            yield turn
        except BaseException:
            self._turn = None
            raise

    async def _claim(self) -> _Turn:
        stored = await self._control.read()
        state = stored.state
        if state.owner not in ("", self._owner) and not self._control.is_dead(stored):
            raise IndexBusy
        mine = msgspec.structs.replace(state, owner=self._owner, beat=state.beat + 1)
        stored = await self._control.write(stored, mine)
        turn = _Turn(stored, state.index, state.position, state.position, self._clock.monotonic())
        if not await self._exists(state.index):
            await self._begin(turn)
        elif not await self._is_published(state.index):
            await self._publish(state.index)  # its writer died on the last step
        return turn

    async def _begin(self, turn: _Turn) -> None:
        """Have the turn write a new index, from the feed's start."""
        self._begun += 1
        stamp = f"{self._clock.now():%Y%m%d%H%M%S}"
        # Turns are numbered for all processes, the indices of one turn by its process.
        turn.index = f"{self.alias}-{stamp}-{turn.stored.seq_no}-{self._begun}"
        turn.start = turn.reached = 0
        wanted = {"settings": SETTINGS, "mappings": MAPPINGS}
        await self._engine.call("PUT", f"/{turn.index}", wanted, writes=True)

    async def _publish(self, index: str) -> None:
        """Lead the alias to ``index`` alone, in one step, and delete the others."""
        found = await self._engine.call("GET", f"/{self.alias}-*/_alias")
        control = f"{self.alias}-control"
        others = [name for name in found.body if name not in (index, control)]
        leading = [name for name in others if self.alias in found.body[name]["aliases"]]
        actions: list[object] = [{"add": {"index": index, "alias": self.alias}}]
        actions += [{"remove": {"index": name, "alias": self.alias}} for name in leading]
        await self._engine.call("POST", "/_aliases", {"actions": actions}, writes=True)
        for name in others:
            await self._engine.call("DELETE", f"/{name}", accept={NOT_FOUND}, writes=True)

    async def _is_there(self) -> bool:
        return await self._is_published((await self._control.read()).state.index)

    async def _exists(self, index: str) -> bool:
        if not index:
            return False
        answer = await self._engine.call("GET", f"/{index}/_alias", accept={NOT_FOUND})
        return answer.status != NOT_FOUND

    async def _is_published(self, index: str) -> bool:
        if not index:
            return False
        path = f"/{index}/_alias/{self.alias}"
        answer = await self._engine.call("GET", path, accept={NOT_FOUND})
        return answer.status != NOT_FOUND and bool(answer.body)

    async def _marks(self, index: str, ids: Sequence[ProductId]) -> Mapping[str, str]:
        """Return the fingerprints that the index has; most changes are of stock alone."""
        if not ids:
            return {}
        answer = await self._engine.call(
            "POST",
            f"/{index}/_mget",
            {"ids": ids},
            params={"_source_includes": "fingerprint"},
            writes=True,
        )
        found = [one for one in answer.body["docs"] if one.get("found")]
        return {one["_id"]: one["_source"]["fingerprint"] for one in found}

    async def _send(self, index: str, lines: Sequence[object]) -> None:
        if not lines:
            return
        for item in await self._engine.bulk(index, lines):
            _check(next(iter(item.values())))


def _lines(changed: Mapping[ProductId, object], batch: FeedBatch) -> Iterator[object]:
    version = {"version": batch.position, "version_type": "external_gte"}
    for id_, one in changed.items():
        yield {"index": {"_id": id_, **version}}
        yield one
    for id_ in batch.gone:
        yield {"delete": {"_id": id_, **version}}


def _check(item: Any) -> None:
    """Raise ``Unavailable`` for a document that was refused, unless a newer one is there."""
    if item["status"] >= _FIRST_ERROR and item["status"] not in (NOT_FOUND, CONFLICT):
        reason = item.get("error", {}).get("reason", "")
        raise Unavailable(f"Product {item['_id']} was not indexed: {reason}")
