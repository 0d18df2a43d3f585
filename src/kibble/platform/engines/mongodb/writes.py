"""What an adapter wants written, document by document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kibble.platform.engines.mongodb.client import Document

NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Put:
    """An aggregate's document as it shall be; ``expected`` is the version read, 0 for a new one.

    A field that is None is left out. Other fields of the document stay. No other document may hold
    any of ``keys``.
    """

    collection: str
    id: str
    expected: int
    fields: Mapping[str, object]
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remove:
    """The end of a document, unless others refer to it (``refs``).

    With ``kept``, a document of these fields (but for None) stays, and never comes to life again.
    """

    collection: str
    id: str
    expected: int
    kept: Mapping[str, object] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Latest:
    """Fields to set, unless the document has a later ``sequence`` in the field ``by``."""

    by: str
    sequence: int
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Adjust:
    """A change that adds to whatever a document is then, and so conflicts with no other such one.

    ``inc`` counts up fields; ``marks`` are set each time that anything changes. With ``required``
    the document must be there and match ``where``, else the commit is stale; otherwise one that is
    gone is passed over.
    """

    collection: str
    id: str
    inc: Mapping[str, int] = field(default_factory=dict[str, int])
    latest: Latest | None = None
    marks: Mapping[str, object] = field(default_factory=lambda: NOTHING)
    where: Mapping[str, object] = field(default_factory=lambda: NOTHING)
    required: bool = False
    counter: str | None = None
    """A field that counts the changes."""

    @property
    def repeatable(self) -> bool:
        """Tell whether doing it twice is doing it once."""
        return self.latest is not None and not self.inc and not self.required


@dataclass(frozen=True, slots=True)
class Repeat:
    """A write without a version that is as good twice as once: an upsert, or a deletion."""

    collection: str
    filter: Document
    update: Document | None = None
    """None deletes all that match."""


Write = Put | Remove | Adjust | Repeat
