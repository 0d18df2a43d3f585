"""The import of a supplier's feed: what its rows say, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from kibble.kernel.ids import ProductId
from kibble.kernel.state_machine import StateMachine
from kibble.services.product.model.fields import Fields


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One row that can be read. ``number`` is as a spreadsheet shows it; ``fields`` has the SKU.

    ``stock`` is what the feed says lies in each warehouse by its code; "" stands for the first one.
    ``above`` names the categories above the product's, from the root down.
    """

    number: int
    fields: Fields
    stock: Mapping[str, int] = field(default_factory=dict[str, int])
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row: a JSON Pointer to the field, and a sentence."""

    row: int
    pointer: str
    message: str
    sku: str = ""


@dataclass(frozen=True, slots=True)
class FeedBatch:
    """The next records of a feed, up to ``last``: each is in ``rows``, or ``errors`` says why not.

    ``ignored`` names columns that mean nothing to us.
    """

    last: int
    rows: Sequence[FeedRow]
    errors: Sequence[RowError] = ()
    ignored: frozenset[str] = frozenset()


class ImportStatus(Enum):
    """How far an import has come."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


IMPORT_MOVES = StateMachine(
    "import",
    {
        ImportStatus.QUEUED: frozenset({ImportStatus.RUNNING}),
        ImportStatus.RUNNING: frozenset({ImportStatus.COMPLETED, ImportStatus.FAILED}),
        ImportStatus.COMPLETED: frozenset(),
        ImportStatus.FAILED: frozenset(),
    },
    ImportStatus.QUEUED,
)


@dataclass(slots=True)
class Tally:
    """What became of rows. Every row that was read is counted in one of the others."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0

    def add(self, other: Tally) -> None:
        """Count the rows of another tally too."""
        self.read += other.read
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.failed += other.failed


@dataclass(slots=True)
class ImportJob:
    """One feed on its way into the catalogue.

    ``tally.read`` is how far it has come: it is written together with the rows' effects, so that
    an import that was killed goes on behind them. ``digest`` is the feed's. ``report_bytes`` is
    the length of the report of its errors at that point. ``reason`` tells why it failed. A
    ``dry_run`` counts and reports alike, and leaves the catalogue as it is.
    """

    id: str
    name: str
    size_bytes: int
    digest: str
    created_at: datetime
    status: ImportStatus = ImportStatus.QUEUED
    tally: Tally = field(default_factory=Tally)
    report_bytes: int = 0
    ignored: frozenset[str] = frozenset()
    reason: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    dry_run: bool = False
    version: int = 0

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen."""
        return IMPORT_MOVES.is_final(self.status)

    def start(self, now: datetime) -> None:
        """Begin to apply rows."""
        self.status = IMPORT_MOVES.move(self.status, ImportStatus.RUNNING)
        self.started_at = now

    def record(self, batch: FeedBatch, tally: Tally, report_bytes: int) -> None:
        """Note that a batch was applied."""
        self.tally.add(tally)
        self.tally.read = batch.last
        self.report_bytes = report_bytes
        self.ignored |= batch.ignored

    def complete(self, now: datetime) -> None:
        """Note that all rows were applied."""
        self.status = IMPORT_MOVES.move(self.status, ImportStatus.COMPLETED)
        self.finished_at = now

    def fail(self, reason: str, now: datetime) -> None:
        """Note that the feed cannot be read on."""
        self.status = IMPORT_MOVES.move(self.status, ImportStatus.FAILED)
        self.reason = reason
        self.finished_at = now


@dataclass(slots=True)
class FeedStock:
    """What a feed said of a product's stock, until Inventory has taken it over.

    ``warehouse`` is the warehouse's code, "" for the first one. The latest word wins, so
    ``version`` is not checked.
    """

    product_id: ProductId
    warehouse: str
    on_hand: int
    version: int = 0
