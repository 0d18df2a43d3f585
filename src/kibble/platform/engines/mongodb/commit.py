"""Commits of one document or of many, all or nothing, by writes of single documents alone.

One document is written by one conditional update. Several are first *held*, each with what is to
become of it; then one document in ``commits`` is inserted, and that decides; then each held
document is changed and let go. Whoever meets a document that is held for too long finds out what
was decided, or decides against it, and finishes. See docs/decisions/0009.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NoReturn

import bson
from bson import Binary
from pymongo import DeleteMany, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from kibble.kernel.clock import Clock, to_text
from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import uuid7
from kibble.platform.engines.mongodb.client import Database, Document
from kibble.platform.engines.mongodb.errors import is_duplicate
from kibble.platform.engines.mongodb.steps import LIVE, UNLOCKED, Place, Step, pack, unpack
from kibble.platform.engines.mongodb.writes import Repeat

COMMITS = "commits"
ABANDONED = timedelta(seconds=10)
"""A commit that holds documents for so long is finished or undone by somebody else."""

LOOKS = 40
LOOK_SECONDS = 0.025
"""How often, and how far apart, a commit looks whether those in its way are done: for a second."""


class AlreadyDecided(Exception):
    """Another commit has the key, or somebody gave this one up."""


class Commits:
    """The commits of one database."""

    def __init__(self, database: Database, collections: Sequence[str], clock: Clock) -> None:
        """``collections`` are all that take part."""
        self._db = database
        self._collections = collections
        self._clock = clock

    async def write_one(self, step: Step) -> None:
        """Write a commit of a single document; raises ``StaleVersion``."""
        name, id_ = step.place
        if step.guard is None:
            _, update = step.act[0]
            pending = update.get("$push", {}).get("pending", {}).get("$each")
            waiting = {"pending": pending} if pending else {}
            await self._db[name].insert_one({"_id": id_, **update["$set"], **waiting})
            return
        for condition, update in step.act:
            found = await self._db[name].update_one({"_id": id_, **step.guard, **condition}, update)
            if found.matched_count:
                await self._drop_what_is_gone([step])
                return
        if step.required and step.act:
            await self._refuse([step])

    async def write(
        self, txn: str, steps: Sequence[Step], repeats: Sequence[Repeat], record: Document
    ) -> None:
        """Write a commit of several documents, or one that ``record`` has to remember.

        Raises ``StaleVersion``, and ``AlreadyDecided`` when one of the record's keys is taken.
        """
        if not await self._hold_all(txn, steps):
            await self._undo(txn)
            await self._refuse(steps)
        held = await self._held(txn, steps)
        record |= {
            "_id": txn,
            "at": to_text(self._clock.now()),
            "open": True,
            "touched": [list(step.place) for step in held],
            "repeats": _pack_repeats(repeats),
        }
        try:
            await self._db[COMMITS].insert_one(record)
        except DuplicateKeyError as error:
            await self._undo(txn)
            raise AlreadyDecided(txn) from error
        # While documents are held, nobody builds on this commit: so these are in time.
        await self.repeat(repeats)
        await self._act_all(txn, held)
        await self._finish(txn, record)

    async def remember(self, txn: str, record: Document) -> None:
        """Write a commit that changes no document: events, a mark, a reply."""
        record |= {"_id": txn, "at": to_text(self._clock.now()), "gone": not record.get("keys")}
        try:
            await self._db[COMMITS].insert_one(record)
        except DuplicateKeyError as error:
            raise AlreadyDecided(txn) from error

    async def repeat(self, repeats: Sequence[Repeat]) -> None:
        """Make writes that are as good twice as once."""
        for collection, ours in _by_collection((r.collection, r) for r in repeats).items():
            operations = [
                DeleteMany(r.filter)
                if r.update is None
                else UpdateOne(r.filter, r.update, upsert=True)
                for r in ours
            ]
            await self._db[collection].bulk_write(operations)

    # Holding.

    async def _hold_all(self, txn: str, steps: Sequence[Step]) -> bool:
        """Hold all documents; False as soon as one cannot be held."""
        for shared in (False, True):
            group = [step for step in steps if step.shared is shared]
            for name, ours in _by_collection((s.place[0], s) for s in group).items():
                try:
                    done = await self._db[name].bulk_write(
                        [_hold(txn, step) for step in ours], ordered=False
                    )
                except BulkWriteError as error:
                    if is_duplicate(error):
                        return False
                    raise
                held = done.inserted_count + done.matched_count
                if held < sum(step.required for step in ours):
                    return False
        return True

    async def _held(self, txn: str, steps: Sequence[Step]) -> list[Step]:
        """Return the steps that hold their document; raises ``StaleVersion`` without all needed."""
        optional = [step for step in steps if not step.required]
        if not optional:
            return list(steps)
        shared = [step for step in steps if step.shared]
        there: set[Place] = set()
        for name, ours in _by_collection((s.place[0], s.place[1]) for s in shared).items():
            claimed: Document = {"_id": {"$in": ours}, "claims.txn": txn}
            async for found in self._db[name].find(claimed, {"_id": 1}):
                there.add((name, found["_id"]))
        if any(step.required and step.place not in there for step in shared):
            await self._undo(txn)
            await self._refuse(steps)
        return [step for step in steps if not step.shared or step.place in there]

    # Deciding is the insertion in ``write``; what follows can be done again by anybody.

    async def _act_all(self, txn: str, steps: Sequence[Step]) -> None:
        for name, ours in _by_collection((s.place[0], s) for s in steps).items():
            operations = [
                one
                for step in ours
                for one in _acts(txn, step.place[1], step.act, shared=step.shared)
            ]
            await self._db[name].bulk_write(operations)
        await self._drop_what_is_gone(steps)

    async def _drop_what_is_gone(self, steps: Sequence[Step]) -> None:
        """Delete documents that ended, unless events still wait in them."""
        ended = [s for s in steps if not s.shared and s.act[0][1].get("$set", {}).get("gone")]
        for name, ids in _by_collection((s.place[0], s.place[1]) for s in ended).items():
            await self._db[name].delete_many(
                {"_id": {"$in": ids}, "gone": True, "pending.0": {"$exists": False}}
            )

    async def _finish(self, txn: str, record: Document) -> None:
        """Forget what only this commit's end needed; all of it, unless its keys are to be kept."""
        settled: Document = {"_id": txn, "pending.0": {"$exists": False}}
        if not record.get("keys"):
            if (await self._db[COMMITS].delete_one(settled)).deleted_count:
                return
            closed: Document = {"$set": {"gone": True}}
        else:
            closed = {}
        closed["$unset"] = {"open": "", "touched": "", "repeats": ""}
        await self._db[COMMITS].update_one({"_id": txn}, closed)

    # Undoing.

    async def _undo(self, txn: str) -> None:
        """Let go of everything that a commit holds which was not decided, and never will be."""
        for name in self._collections:
            collection = self._db[name]
            async for document in collection.find({"lock.txn": txn}, {"lock": 1}):
                mine: Document = {"_id": document["_id"], "lock.txn": txn}
                undo = document["lock"]["undo"]
                if undo is None:
                    await collection.delete_one(mine)
                    continue
                update: Document = bson.decode(undo)
                update.setdefault("$unset", {})["lock"] = ""
                await collection.update_one(mine, update)
            await collection.update_many({"claims.txn": txn}, {"$pull": {"claims": {"txn": txn}}})

    # What others left behind.

    async def _refuse(self, steps: Sequence[Step]) -> NoReturn:
        await self.stand_back(
            [step.place for step in steps],
            [(step.place[0], key) for step in steps for key in step.keys],
        )

    async def stand_back(
        self, places: Sequence[Place], keys: Sequence[tuple[str, str]] = ()
    ) -> NoReturn:
        """Wait until no other commit is in the way, then have the use case run again.

        ``keys`` are wanted, each in a collection.
        """
        for _ in range(LOOKS):
            busy = await self._in_the_way(places, keys)
            for txn in busy:
                if txn < self._abandoned():
                    await self.resolve(txn)
            if not busy:
                break
            await asyncio.sleep(LOOK_SECONDS)
        raise StaleVersion("The document changed after it was read.")

    async def _in_the_way(
        self, places: Sequence[Place], keys: Sequence[tuple[str, str]]
    ) -> set[str]:
        """Return the other commits that hold any of the documents, or the keys that are wanted."""
        found: set[str] = set()
        for name, ids in _by_collection(places).items():
            held: Document = {"_id": {"$in": ids}}
            async for document in self._db[name].find(held, {"lock.txn": 1, "claims.txn": 1}):
                found |= _holders(document)
        for name, key in keys:
            owner = await self._db[name].find_one({"keys": key}, {"lock.txn": 1})
            found |= _holders(owner or {})
        return found

    def _abandoned(self) -> str:
        """Return an id that is greater than those of commits which began long ago."""
        return uuid7(int((self._clock.now() - ABANDONED).timestamp() * 1000), 0)

    async def recover(self) -> None:
        """Finish or undo what was left half done long enough ago; any process may, at any time."""
        before = {"$lt": self._abandoned()}
        abandoned: set[str] = set()
        for name in self._collections:
            held: Document = {"$or": [{"lock.txn": before}, {"claims.txn": before}]}
            async for document in self._db[name].find(held, {"lock.txn": 1, "claims.txn": 1}):
                abandoned |= {txn for txn in _holders(document) if txn < before["$lt"]}
        async for record in self._db[COMMITS].find({"open": True, "_id": before}, {"_id": 1}):
            abandoned.add(record["_id"])
        for txn in sorted(abandoned):
            await self.resolve(txn)
        for name in (*self._collections, COMMITS):
            await self._db[name].delete_many({"gone": True, "pending.0": {"$exists": False}})

    async def resolve(self, txn: str) -> None:
        """Bring one commit to its end: the one that was decided, or else none at all."""
        given_up: Document = {"_id": txn, "at": to_text(self._clock.now()), "aborted": True}
        record = await self._db[COMMITS].find_one({"_id": txn})
        if record is None:
            try:
                await self._db[COMMITS].insert_one(given_up)
                record = given_up
            except DuplicateKeyError:
                record = await self._db[COMMITS].find_one({"_id": txn})
        if record is None:
            return
        if record.get("aborted"):
            await self._undo(txn)
        elif record.get("open"):
            await self._roll_forward(txn, record)

    async def _roll_forward(self, txn: str, record: Document) -> None:
        await self.repeat(_unpack_repeats(record["repeats"]))
        for name, id_ in record["touched"]:
            document = await self._db[name].find_one({"_id": id_}, {"lock": 1, "claims": 1})
            if document is None:
                continue
            lock: Document = document.get("lock") or {}
            operations = _acts(txn, id_, unpack(lock["act"])) if lock.get("txn") == txn else []
            for claim in document.get("claims", ()):
                if claim["txn"] == txn:
                    operations += _acts(txn, id_, unpack(claim["act"]), shared=True)
            if operations:
                await self._db[name].bulk_write(operations)
        await self._finish(txn, record)


def _hold(txn: str, step: Step) -> InsertOne[Document] | UpdateOne:
    """Return the write by which a commit holds a document."""
    act = pack(step.act)
    if step.shared:
        guard = {key: value for key, value in (step.guard or {}).items() if key not in LIVE}
        takes_part: list[Mapping[str, Any]] = [{**LIVE, **UNLOCKED, **guard}, {"lock.txn": txn}]
        claim = {"$push": {"claims": {"txn": txn, "act": act}}}
        return UpdateOne({"_id": step.place[1], "$or": takes_part}, claim)
    undo = None if step.undo is None else Binary(bson.encode(step.undo))
    lock = {"txn": txn, "act": act, "undo": undo}
    if step.guard is None:
        keys = {"keys": list(step.keys)} if step.keys else {}
        return InsertOne({"_id": step.place[1], "lock": lock, **keys})
    update: Document = {"$set": {"lock": lock}}
    if step.keys:
        update["$addToSet"] = {"keys": {"$each": list(step.keys)}}
    return UpdateOne({"_id": step.place[1], **step.guard}, update)


def _acts(
    txn: str, id_: str, act: Iterable[tuple[Document, Document]], *, shared: bool = False
) -> list[UpdateOne]:
    """Return the writes that change a held document and let it go; the first that fits counts."""
    held = "claims.txn" if shared else "lock.txn"
    operations: list[UpdateOne] = []
    for condition, update in [*act, *([({}, {})] if shared else [])]:
        letting_go = {key: dict(value) for key, value in update.items()}
        if shared:
            letting_go.setdefault("$pull", {})["claims"] = {"txn": txn}
        else:
            letting_go.setdefault("$unset", {})["lock"] = ""
        operations.append(UpdateOne({"_id": id_, held: txn, **condition}, letting_go))
    return operations


def _holders(document: Mapping[str, Any]) -> set[str]:
    lock = document.get("lock")
    claims = {claim["txn"] for claim in document.get("claims", ())}
    return claims | {lock["txn"]} if lock else claims


def _by_collection(items: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = {}
    for name, item in items:
        grouped.setdefault(name, []).append(item)
    return grouped


def _pack_repeats(repeats: Sequence[Repeat]) -> Binary:
    kept = [[one.collection, one.filter, one.update] for one in repeats]
    return Binary(bson.encode({"repeats": kept}))


def _unpack_repeats(value: bytes) -> list[Repeat]:
    return [Repeat(*one) for one in bson.decode(value)["repeats"]]
