"""Who writes the index, and how far it is: one document, changed only by compare-and-set."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

import msgspec

from kibble.kernel.clock import Clock
from kibble.platform.engines.elasticsearch import CONFLICT, NOT_FOUND, Elasticsearch
from kibble.services.product.errors import IndexBusy

LEASE_SECONDS = 45.0
"""After so long without a sign of life the one who writes is taken for dead. It is more than any
call of a writer takes, and measured by the clock of the one who waits, not between two."""

_BAD_REQUEST = 400
_SETTINGS = {"settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}}
_MAPPINGS = {"mappings": {"dynamic": False, "properties": {}}}


def named_here(name: str) -> str:
    """Return ``name`` as that of a writer of this process, which others can tell to have ended."""
    return f"{platform.node()}/{os.getpid()}/{name}"


def _has_ended(owner: str) -> bool:
    """Tell whether a writer was of this machine, and its process is no more.

    In a container all have one number: whoever had this process's is the one before it.
    """
    machine, _, rest = owner.partition("/")
    number = rest.partition("/")[0]
    if machine != platform.node() or not number.isdigit():
        return False
    return int(number) == os.getpid() or not _runs(int(number))


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class State(msgspec.Struct, frozen=True, omit_defaults=False):
    """The index that searches use, the feed's position it is at, and who writes; "" is nobody."""

    index: str = ""
    position: int = 0
    owner: str = ""
    beat: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """A state as it was read; ``seq_no`` is -1 for one that was never written."""

    state: State
    seq_no: int = -1
    primary_term: int = 0


class Control:
    """The document; ``name`` is of its index, which holds nothing else."""

    def __init__(self, engine: Elasticsearch, name: str, clock: Clock) -> None:
        self._engine = engine
        self._name = name
        self._clock = clock
        self._seen = (-1, clock.monotonic())

    async def read(self) -> Stored:
        """Return the present state."""
        answer = await self._engine.call("GET", f"/{self._name}/_doc/state", accept={NOT_FOUND})
        if answer.status == NOT_FOUND:
            return Stored(State())
        body = answer.body
        state = msgspec.convert(body["_source"], State)
        return Stored(state, body["_seq_no"], body["_primary_term"])

    def is_dead(self, stored: Stored) -> bool:
        """Tell whether the owner has ended, or given no sign of life for long enough."""
        if _has_ended(stored.state.owner):
            return True
        number, since = self._seen
        now = self._clock.monotonic()
        if number != stored.seq_no:
            self._seen = (stored.seq_no, now)
            return False
        return now - since > LEASE_SECONDS

    async def write(self, before: Stored, state: State) -> Stored:
        """Replace the state that was read; raises ``IndexBusy`` when another process was first."""
        if before.seq_no < 0:
            await self._create()
            condition = {"op_type": "create"}
        else:
            condition = {
                "if_seq_no": str(before.seq_no),
                "if_primary_term": str(before.primary_term),
            }
        answer = await self._engine.call(
            "PUT",
            f"/{self._name}/_doc/state",
            state,
            params=condition,
            accept={CONFLICT},
            writes=True,
        )
        if answer.status == CONFLICT:
            raise IndexBusy
        return Stored(state, answer.body["_seq_no"], answer.body["_primary_term"])

    async def _create(self) -> None:
        """Make the index; that it is there already is an error of kind 400."""
        await self._engine.call(
            "PUT",
            f"/{self._name}",
            {**_SETTINGS, **_MAPPINGS},
            accept={_BAD_REQUEST},
            writes=True,
        )
