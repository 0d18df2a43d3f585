"""From writes to steps: for each document, how it is held, changed, and let go.

A document without a ``version`` is none: it is held for an insertion that is not decided yet, or
what is left of one that is gone. ``lock`` names the commit that has the document to itself;
``claims`` those that only add to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import bson
from bson import Binary

from kibble.platform.engines.mongodb.client import Document
from kibble.platform.engines.mongodb.writes import Adjust, Put, Remove

Place = tuple[str, str]
"""A collection's name and a document's id."""

UNLOCKED: Mapping[str, object] = {"lock": {"$exists": False}}
FREE: Mapping[str, object] = {**UNLOCKED, "claims.0": {"$exists": False}}
LIVE: Mapping[str, object] = {"version": {"$exists": True}}


@dataclass(slots=True)
class Step:
    """One document of a commit.

    ``guard`` is what it must match to be held, None when it must not be there yet. ``act`` are the
    changes; the first whose condition it matches is made. ``undo`` makes it what it was before it
    was held, None deletes it.
    """

    place: Place
    guard: Document | None
    act: list[tuple[Document, Document]]
    undo: Document | None = None
    shared: bool = False
    required: bool = True
    keys: tuple[str, ...] = ()
    subject: bool = False
    """Events about its id are kept in it."""
    repeatable: bool = False
    """Twice is as good as once."""

    def carry(self, events: Iterable[Document]) -> None:
        """Have ``events`` wait in the document."""
        kept = list(events)
        if kept:
            for _, update in self.act:
                update.setdefault("$push", {})["pending"] = {"$each": kept}


def pack(changes: Sequence[tuple[Document, Document]]) -> Binary:
    """Return changes as a value that a document can hold."""
    return Binary(bson.encode({"act": [[condition, update] for condition, update in changes]}))


def unpack(value: bytes) -> list[tuple[Document, Document]]:
    """Return what ``pack`` made a value of."""
    return [(condition, update) for condition, update in bson.decode(value)["act"]]


@dataclass(slots=True)
class Plan:
    """The steps of one commit; several changes that add to one document are one step."""

    before: Mapping[Place, Document]
    """The documents to be changed, as they are; those that nobody asked for are missing."""
    locks: dict[Place, Step] = field(default_factory=dict[Place, Step])
    adjusts: dict[Place, Adjust] = field(default_factory=dict[Place, Adjust])
    removals: dict[Place, Remove] = field(default_factory=dict[Place, Remove])

    def put(self, put: Put) -> None:
        """Add a document to write."""
        place = (put.collection, put.id)
        values = {name: value for name, value in put.fields.items() if value is not None}
        values["version"] = put.expected + 1
        absent = {name: "" for name, value in put.fields.items() if value is None}
        if put.keys:
            values["keys"] = list(put.keys)
        else:
            absent["keys"] = ""
        update: Document = {"$set": values}
        if absent and put.expected:
            update["$unset"] = absent
        guard = {"version": put.expected, **FREE} if put.expected else None
        undo = self._keys_as_they_are(place) if put.expected else None
        self.locks[place] = Step(place, guard, [({}, update)], undo, keys=put.keys, subject=True)

    def _keys_as_they_are(self, place: Place) -> Document:
        keys = self.before.get(place, {}).get("keys")
        return {"$set": {"keys": keys}} if keys else {"$unset": {"keys": ""}}

    def remove(self, remove: Remove) -> None:
        """Add a document to end."""
        self.removals[remove.collection, remove.id] = remove

    def adjust(self, adjust: Adjust) -> None:
        """Add a change that others may make at the same moment."""
        place = (adjust.collection, adjust.id)
        before = self.adjusts.get(place)
        self.adjusts[place] = _sum(before, adjust) if before else adjust

    def steps(self) -> list[Step]:
        """Return the steps: first what is held alone, then what is shared."""
        ends = [self._end(place, remove) for place, remove in self.removals.items()]
        shared = [
            _shared(place, adjust, is_new=place in self.locks and self.locks[place].guard is None)
            for place, adjust in self.adjusts.items()
            if place not in self.removals
        ]
        return [*self.locks.values(), *ends, *(step for step in shared if step is not None)]

    def _end(self, place: Place, remove: Remove) -> Step:
        """Return the step that ends a document, when nothing refers to it but what ends as well."""
        leaving = self.adjusts.get(place)
        refs = -leaving.inc.get("refs", 0) if leaving else 0
        guard = {"version": remove.expected, **FREE, "refs": refs or {"$in": [None, 0]}}
        names = self.before.get(place, {}).keys() - {"_id", "pending", "lock", "claims"}
        kept = {name: value for name, value in remove.kept.items() if value is not None}
        left: Document = kept or {"gone": True}
        gone = dict.fromkeys(names - left.keys(), "")
        update: Document = {"$set": left, "$unset": gone}
        return Step(place, guard, [({}, update)], {}, subject=True)


def _sum(one: Adjust, other: Adjust) -> Adjust:
    inc = dict(one.inc)
    for name, count in other.inc.items():
        inc[name] = inc.get(name, 0) + count
    return replace(
        one,
        inc=inc,
        latest=other.latest or one.latest,
        marks={**one.marks, **other.marks},
        where={**one.where, **other.where},
        required=one.required or other.required,
        counter=other.counter or one.counter,
    )


def _shared(place: Place, adjust: Adjust, *, is_new: bool) -> Step | None:
    """Return the step of a change, or None when it changes nothing and requires nothing."""
    inc = {name: count for name, count in adjust.inc.items() if count}
    acts: list[tuple[Document, Document]] = []
    if adjust.latest is not None:
        later = adjust.latest
        newer: Document = {"$not": {"$gte": later.sequence}}
        acts.append(
            ({later.by: newer}, _change(adjust, inc, {later.by: later.sequence, **later.fields}))
        )
    if inc:
        acts.append(({}, _change(adjust, inc, {})))
    if not acts and not adjust.required:
        return None
    guard = dict(LIVE) if is_new else {**LIVE, **adjust.where}
    return Step(
        place,
        guard,
        acts,
        {},
        shared=True,
        required=adjust.required,
        repeatable=adjust.repeatable,
    )


def _change(adjust: Adjust, inc: Mapping[str, int], values: Document) -> Document:
    counted = {**inc, adjust.counter: 1} if adjust.counter else dict(inc)
    update: Document = {"$inc": counted} if counted else {}
    if fields := {**adjust.marks, **values}:
        update["$set"] = fields
    return update
