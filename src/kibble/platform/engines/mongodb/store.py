"""The store of a service on MongoDB: state, events, inbox and idempotency, all or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import Binary

from kibble.kernel.clock import from_text, to_text
from kibble.kernel.errors import StaleVersion
from kibble.platform.engines.mongodb.client import Database, Document
from kibble.platform.engines.mongodb.commit import COMMITS, AlreadyDecided, Commits
from kibble.platform.engines.mongodb.errors import translated
from kibble.platform.engines.mongodb.lease import LIFE, Lease
from kibble.platform.engines.mongodb.outbox import WAITING, PendingEvents, seal
from kibble.platform.engines.mongodb.parking import Parking
from kibble.platform.engines.mongodb.steps import LIVE, Place, Plan, Step
from kibble.platform.engines.mongodb.writes import Adjust, Put, Remove, Repeat, Write
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.log import OutboxEvent, ParkedEvent
from kibble.platform.persistence.changes import Changes, Save
from kibble.platform.persistence.store import DuplicateEvent, InboxMark, StoredReply

REPLY_LIFE = timedelta(hours=24)
INBOX_LIFE = timedelta(days=30)
"""Longer than any broker keeps an event, to be delivered once more."""

RECOVERY_SECONDS = 5.0

Writer = Callable[[Any, int, Document], Iterable[Write]]
"""Returns what to write of an aggregate read at a version; its document as it is, {} for none."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How aggregates of one type are kept.

    ``key`` returns the id of an aggregate's document, where that is in ``collection`` and has a
    version; None says that there is none to be read before it is written.
    """

    collection: str
    key: Callable[[Any], str] | None
    save: Writer
    remove: Writer | None = None


class MongoStore:
    """Implements ``Store``, ``ConsumerStore`` and ``Outbox`` for a service's database.

    A service's adapter subclasses it, names the kinds of its aggregates, and adds its queries.
    """

    def __init__(
        self,
        database: Database,
        envelopes: EnvelopeMaker,
        kinds: Mapping[type[Any], Kind],
        indexes: Mapping[str, Sequence[str]],
    ) -> None:
        """``indexes`` are the fields that queries ask for, by collection."""
        self._indexes = indexes
        self.database = database
        self.source = envelopes.source
        self._envelopes = envelopes
        self._clock = envelopes.clock
        self._kinds = kinds
        self._owner = envelopes.ids.new()
        collections = sorted({kind.collection for kind in kinds.values()})
        self._collections = collections
        self._commits = Commits(database, collections, self._clock)
        self._parking = Parking(database, envelopes.ids)
        self._outbox = PendingEvents(
            database, [*collections, COMMITS], self.lease("relay"), self._clock
        )
        self.grown = self._outbox.grown
        self._recover_at = 0.0
        self._running: set[asyncio.Future[None]] = set()

    def lease(self, name: str, life: timedelta = LIFE) -> Lease:
        """Return a lease of this process on work that one process at a time does."""
        return Lease(self.database["leases"], name, self._owner, self._clock, life)

    async def migrate(self) -> None:
        """Make the indexes; again changes nothing, and several processes may at once."""
        with translated():
            for name in (*self._collections, COMMITS):
                collection = self.database[name]
                await collection.create_index("keys", unique=True, sparse=True)
                await collection.create_index("pending.id", partialFilterExpression=WAITING)
                held = () if name == COMMITS else ("lock.txn", "claims.txn")
                for field in ("gone", "open", *held, *self._indexes.get(name, ())):
                    await collection.create_index(field, sparse=True)

    async def one(self, collection: str, wanted: Document) -> Document | None:
        """Return the document that matches, if there is one; raises ``Unavailable``."""
        with translated():
            return await self.database[collection].find_one({**wanted, **LIVE})

    async def many(
        self,
        collection: str,
        wanted: Document,
        *,
        sort: tuple[str, int] = ("_id", 1),
        limit: int = 0,
        fields: Mapping[str, int] | None = None,
    ) -> list[Document]:
        """Return the documents that match, in order; ``limit`` 0 is all. Raises ``Unavailable``."""
        with translated():
            found = self.database[collection].find({**wanted, **LIVE}, fields)
            return await found.sort(*sort).limit(limit).to_list()

    async def commit(
        self,
        changes: Changes,
        *,
        reply: StoredReply | None = None,
        inbox: InboxMark | None = None,
    ) -> None:
        """See ``Store.commit``."""
        with translated():
            try:
                await self._commit(changes, reply, inbox)
            except StaleVersion:
                if inbox is not None:
                    await self._refuse_again(inbox)
                raise
        if changes.events:
            self._outbox.note()

    async def _commit(
        self, changes: Changes, reply: StoredReply | None, inbox: InboxMark | None
    ) -> None:
        """Commit; raises ``StaleVersion`` also when the event was applied before."""
        txn = self._envelopes.ids.new()
        steps, repeats = await self._plan(changes)
        events = seal(changes.events, self._envelopes)
        if inbox and not events and _is_repeatable(steps):
            inbox = None
        record = self._record(reply, inbox)
        left = _hand_out(events, steps, alone=len(steps) == 1 and not repeats and not record)
        if left:
            record["pending"] = left
        try:
            await self._to_its_end(self._write(txn, steps, repeats, record))
        except AlreadyDecided as error:
            if reply is None or not await self._forget_expired(reply.key):
                raise StaleVersion("Somebody else was first.") from error
            await self._commit(changes, reply, inbox)

    async def _to_its_end(self, writing: Coroutine[Any, Any, None]) -> None:
        """Await a commit; whoever is cancelled meanwhile leaves it running, not half done."""
        task = asyncio.ensure_future(writing)
        self._running.add(task)
        task.add_done_callback(self._ended)
        await asyncio.shield(task)

    def _ended(self, task: asyncio.Future[None]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # its caller has it, unless that was cancelled

    async def _write(
        self, txn: str, steps: Sequence[Step], repeats: Sequence[Repeat], record: Document
    ) -> None:
        if len(steps) == 1 and not repeats and not record:
            await self._commits.write_one(steps[0])
        elif steps:
            await self._commits.write(txn, steps, repeats, record)
        elif record:
            await (
                self._commits.write(txn, (), repeats, record)
                if repeats
                else self._commits.remember(txn, record)
            )
        else:
            await self._commits.repeat(repeats)

    async def _plan(self, changes: Changes) -> tuple[list[Step], list[Repeat]]:
        """Return the steps of ``changes``; raises ``StaleVersion`` for what has changed by now."""
        before = await self._read(changes)
        plan = Plan(before)
        repeats: list[Repeat] = []
        for write in self._writes(changes, before):
            match write:
                case Put():
                    plan.put(write)
                case Remove():
                    plan.remove(write)
                case Adjust():
                    plan.adjust(write)
                case Repeat():
                    repeats.append(write)
        return plan.steps(), repeats

    def _writes(self, changes: Changes, before: Mapping[Place, Document]) -> Iterable[Write]:
        for save in changes.saves:
            kind = self._kinds[type(save.aggregate)]
            old = _old(kind, save, before)
            yield from kind.save(save.aggregate, save.expected_version, old)
        for save in changes.removals:
            kind = self._kinds[type(save.aggregate)]
            if kind.remove is None:
                raise TypeError(f"{type(save.aggregate).__name__} is never removed")
            old = _old(kind, save, before)
            yield from kind.remove(save.aggregate, save.expected_version, old)

    async def _read(self, changes: Changes) -> dict[Place, Document]:
        """Return the documents that ``changes`` are about to change, as they are."""
        wanted: dict[str, dict[str, int]] = {}
        for save in (*changes.saves, *changes.removals):
            kind = self._kinds[type(save.aggregate)]
            if kind.key is not None and save.expected_version:
                versions = wanted.setdefault(kind.collection, {})
                versions[kind.key(save.aggregate)] = save.expected_version
        found: dict[Place, Document] = {}
        for name, versions in wanted.items():
            async for document in self.database[name].find({"_id": {"$in": list(versions)}}):
                found[name, document["_id"]] = document
            if locked := [place for place, document in found.items() if "lock" in document]:
                await self._commits.stand_back(locked)
            for id_, version in versions.items():
                if found.get((name, id_), {}).get("version") != version:
                    raise StaleVersion("The document changed after it was read.")
        return found

    def _record(self, reply: StoredReply | None, inbox: InboxMark | None) -> Document:
        """Return what a commit has to be remembered for."""
        record: Document = {}
        keys: list[str] = []
        if inbox is not None:
            keys.append(_inbox_key(inbox))
        if reply is not None:
            keys.append(_reply_key(reply.key))
            record["reply"] = {
                "fingerprint": reply.fingerprint,
                "status": reply.status,
                "headers": [[name, value] for name, value in reply.headers.items()],
                "body": Binary(reply.body),
            }
        if keys:
            record["keys"] = keys
        return record

    async def _refuse_again(self, inbox: InboxMark) -> None:
        if await self.database[COMMITS].find_one({"keys": _inbox_key(inbox)}, {"_id": 1}):
            raise DuplicateEvent(inbox.event_id)

    async def _forget_expired(self, key: str) -> bool:
        """Free a reply's key that is past its time; tell whether it was."""
        past = to_text(self._clock.now() - REPLY_LIFE)
        expired: Document = {"keys": _reply_key(key), "at": {"$lt": past}}
        freed: Document = {"$unset": {"keys": "", "reply": ""}, "$set": {"gone": True}}
        return (await self.database[COMMITS].update_one(expired, freed)).modified_count > 0

    async def find_reply(self, key: str) -> StoredReply | None:
        """See ``Store.find_reply``."""
        with translated():
            found = await self.database[COMMITS].find_one({"keys": _reply_key(key)})
        if found is None or from_text(found["at"]) < self._clock.now() - REPLY_LIFE:
            return None
        if found.get("open"):
            with translated():
                await self._commits.resolve(found["_id"])
        reply = found["reply"]
        headers = dict(reply["headers"])
        body = bytes(reply["body"])
        return StoredReply(key, reply["fingerprint"], reply["status"], headers, body)

    async def prune(self, before: str) -> None:
        """Forget idempotency records from before an RFC 3339 time, and what nobody asks for."""
        with translated():
            await self._commits.recover()
            records = self.database[COMMITS]
            old: Document = {
                "at": {"$lt": before},
                "pending.0": {"$exists": False},
                "open": {"$exists": False},
            }
            await records.delete_many({**old, "reply": {"$exists": True}})
            await records.delete_many({**old, "aborted": True})
            long_ago = to_text(from_text(before) - INBOX_LIFE)
            await records.delete_many({**old, "at": {"$lt": long_ago}})

    # The producer's side of the broker.

    async def pending(self, limit: int) -> Sequence[OutboxEvent]:
        """See ``Outbox.pending``; whoever relays also ends the commits that others left."""
        with translated():
            found = await self._outbox.pending(limit)
            now = self._clock.monotonic()
            if self._outbox.is_mine and now >= self._recover_at:
                self._recover_at = now + RECOVERY_SECONDS
                await self._commits.recover()
        return found

    async def settle(self, events: Sequence[OutboxEvent]) -> None:
        """See ``Outbox.settle``."""
        with translated():
            await self._outbox.settle(events)

    async def release(self) -> None:
        """See ``Outbox.release``."""
        with translated():
            await self._outbox.release()

    async def recover(self) -> None:
        """Bring commits that a process left half done to their end; the relay does, too."""
        with translated():
            await self._commits.recover()

    # The consumer's side.

    async def park(self, event: ParkedEvent) -> None:
        """See ``ConsumerStore.park``."""
        with translated():
            await self._parking.park(event)

    async def parked(
        self, consumer: str | None = None, status: str | None = None
    ) -> list[ParkedEvent]:
        """See ``ConsumerStore.parked``."""
        with translated():
            return await self._parking.parked(consumer, status)

    async def unpark(self, consumer: str, event_id: str) -> bool:
        """See ``ConsumerStore.unpark``."""
        with translated():
            return await self._parking.unpark(consumer, event_id)


def _old(kind: Kind, save: Save, before: Mapping[Place, Document]) -> Document:
    return before.get((kind.collection, kind.key(save.aggregate)), {}) if kind.key else {}


def _hand_out(
    events: Sequence[tuple[str, Document]], steps: Sequence[Step], *, alone: bool
) -> list[Document]:
    """Put each event into the document that it is about; return those that found none.

    What is alone carries all. Events of one subject so stand in one document, in order.
    """
    holders = {step.place[1]: step for step in steps if step.subject}
    carried: dict[Place, list[Document]] = {}
    left: list[Document] = []
    for subject, event in events:
        holder = next(iter(holders.values()), None) if alone else holders.get(subject)
        if holder is None:
            left.append(event)
        else:
            carried.setdefault(holder.place, []).append(event)
    for step in holders.values():
        step.carry(carried.get(step.place, ()))
    return left


def _is_repeatable(steps: Sequence[Step]) -> bool:
    return bool(steps) and all(step.repeatable for step in steps)


def _inbox_key(inbox: InboxMark) -> str:
    return f"inbox\n{inbox.consumer}\n{inbox.event_id}"


def _reply_key(key: str) -> str:
    return f"reply\n{key}"
