"""The import of suppliers' feeds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.persistence.transaction import commit_outcome
from kibble.services.product.errors import FeedBroken, UnknownImport
from kibble.services.product.integration import Feeds
from kibble.services.product.model.imports import FeedBatch, FeedStock, ImportJob, ImportStatus
from kibble.services.product.repository.catalogue import Catalogue
from kibble.services.product.repository.imports import Imports
from kibble.services.product.service.edition import Edition
from kibble.services.product.service.rows import RowApplier

FIRST_ERRORS = 20
FIRST_ERRORS_BYTES = 16_384

Pace = Callable[[], Awaitable[None]]
"""Returns when the rest of the shop keeps up with what was imported so far."""

Progress = Callable[[ImportJob], None]
"""Told how far an import has come."""


def _in_silence(_: ImportJob) -> None:
    pass


async def _at_once() -> None:
    pass


class ImportService:
    """Takes feeds in, and applies them batch by batch.

    A batch is one transaction: its products with their events, the stock that it told, and how far
    the import has come. A product is found by its SKU; a row that says nothing new writes nothing.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        imports: Imports,
        feeds: Feeds,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._catalogue = catalogue
        self._imports = imports
        self._feeds = feeds
        self._clock = clock
        self._ids = ids
        self._pace: Pace = _at_once

    def keep_pace(self, pace: Pace) -> None:
        """Await ``pace`` after each batch."""
        self._pace = pace

    def new_id(self) -> str:
        """Return the id of an import that is about to be received."""
        return self._ids.new()

    async def receive(
        self, import_id: str, name: str, content: bytes | Path, *, dry_run: bool = False
    ) -> Outcome[ImportJob]:
        """Keep a feed, to be imported; a path is that of a file to copy.

        A feed that is under way already is not begun again: its import is returned. A ``dry_run``
        only tells what the import would do.
        """
        kept = await self._feeds.keep(import_id, content)
        for other in await self._imports.unfinished():
            same = other.digest == kept.digest and other.dry_run == dry_run
            if same and other.id != import_id:
                await self._feeds.discard(import_id)
                return unchanged(other)
        now = self._clock.now()
        job = ImportJob(import_id, name, kept.size_bytes, kept.digest, now, dry_run=dry_run)
        changes = Changes()
        changes.save(job)
        return Outcome(job, changes)

    async def job(self, import_id: str) -> ImportJob:
        """Return how far an import has come; raises ``UnknownImport``."""
        job = await self._imports.get(import_id)
        if job is None:
            raise UnknownImport(import_id)
        return job

    async def report(self, import_id: str) -> bytes:
        """Return what was wrong with rows: a JSON object a line; raises ``UnknownImport``."""
        job = await self.job(import_id)
        return await self._feeds.report_of(import_id, job.report_bytes)

    async def first_errors(self, job: ImportJob) -> list[bytes]:
        """Return the first lines of an import's report."""
        length = min(job.report_bytes, FIRST_ERRORS_BYTES)
        lines = (await self._feeds.report_of(job.id, length)).split(b"\n")
        return lines[:-1][:FIRST_ERRORS]

    async def unfinished(self) -> list[str]:
        """Return the imports that are left to do, oldest first."""
        return [job.id for job in await self._imports.unfinished()]

    async def run(self, import_id: str, progress: Progress = _in_silence) -> None:
        """Import a feed to its end, from where it was left; tell ``progress`` of each batch."""
        job = await self.job(import_id)
        if job.is_over:
            return
        if job.status is ImportStatus.QUEUED:
            await self._step(import_id, lambda job: job.start(self._clock.now()))
        try:
            async for batch in self._feeds.read(import_id, job.tally.read):
                progress(
                    await commit_outcome(self._catalogue, partial(self._apply, import_id, batch))
                )
                await self._pace()
        except FeedBroken as error:
            reason = error.message
            await self._step(import_id, lambda job: job.fail(reason, self._clock.now()))
        else:
            await self._step(import_id, lambda job: job.complete(self._clock.now()))
        await self._feeds.discard(import_id)

    async def _step(self, import_id: str, move: Callable[[ImportJob], None]) -> None:
        async def use_case() -> Outcome[None]:
            job = await self.job(import_id)
            move(job)
            changes = Changes()
            changes.save(job)
            return Outcome(None, changes)

        await commit_outcome(self._catalogue, use_case)

    async def _apply(self, import_id: str, batch: FeedBatch) -> Outcome[ImportJob]:
        job = await self.job(import_id)
        if batch.last <= job.tally.read:
            return unchanged(job)  # another process imports the same feed, and was first
        edition = Edition(self._catalogue, self._ids, self._clock.now())
        skus = [row.fields.get("sku", "") for row in batch.rows]
        rows = RowApplier(await self._catalogue.with_skus(skus), edition, self._ids)
        for row in batch.rows:
            await rows.apply(row)
        errors = sorted([*batch.errors, *rows.errors], key=lambda error: error.row)
        report_bytes = job.report_bytes
        if errors:
            report_bytes = await self._feeds.report(import_id, report_bytes, errors)
        changes = Changes()
        if not job.dry_run:
            changes = await edition.finish()
            for stock in rows.stock:
                changes.save(stock)
        job.record(batch, rows.tally(batch, job.tally.read), report_bytes)
        changes.save(job)
        return Outcome(job, changes)

    async def stock(self, limit: int) -> list[FeedStock]:
        """Return stock that feeds told and Inventory has not taken over yet."""
        return await self._imports.stock(limit)

    async def settle_stock(self, taken: Sequence[FeedStock]) -> Outcome[None]:
        """Forget stock that Inventory has taken over, unless a feed has told another since."""
        changes = Changes()
        for stock in taken:
            changes.remove(stock)
        return Outcome(None, changes)
