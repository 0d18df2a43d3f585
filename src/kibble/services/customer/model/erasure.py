"""The erasure of a customer: what each service had, and the proof that it has it no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kibble.kernel.ids import CustomerId

Counts = dict[str, int]
"""How many records of each kind name a person."""

_FIRST_LOOK = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(hours=1)
PATIENCE = 3
"""How many looks may find something before the services are told once more."""


@dataclass(slots=True)
class Part:
    """What one service had when the erasure began (None: it could not be asked).

    ``erased_at`` is when it was seen to have nothing that names the person any more.
    """

    held: Counts | None
    erased_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Erasure:
    """One erasure, kept as its proof: ``id`` is the customer's, which names nobody any more.

    ``due_at`` is when the services are looked at again; None once all of them were seen to have
    forgotten, at ``completed_at``. ``sequence`` is that of the last event that told them to.
    """

    id: CustomerId
    requested_at: datetime
    parts: dict[str, Part]
    sequence: int
    due_at: datetime | None
    looks: int = 0
    completed_at: datetime | None = None
    version: int = 0

    @classmethod
    def begin(
        cls,
        customer_id: CustomerId,
        held: Mapping[str, Counts | None],
        sequence: int,
        now: datetime,
    ) -> Erasure:
        """Note what is about to be erased."""
        parts = {name: Part(counts) for name, counts in held.items()}
        due_at = now + _FIRST_LOOK
        return cls(id=customer_id, requested_at=now, parts=parts, sequence=sequence, due_at=due_at)

    @property
    def open(self) -> list[str]:
        """The services that may still have something."""
        return [name for name, part in self.parts.items() if part.erased_at is None]

    def look(self, held: Mapping[str, Counts | None], now: datetime) -> bool:
        """Take what was seen at the open services; tell whether they are to be told once more."""
        for name, counts in held.items():
            if counts is not None and not any(counts.values()):
                self.parts[name].erased_at = now
        self.looks += 1
        if not self.open:
            self.due_at, self.completed_at = None, now
            return False
        self.due_at = now + min(_FIRST_LOOK * 2 ** min(self.looks, 16), _LONGEST_PAUSE)
        again = self.looks % PATIENCE == 0
        self.sequence += again
        return again
