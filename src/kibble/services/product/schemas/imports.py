"""Imports of feeds as the API answers them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import msgspec

from kibble.platform.web.json import Instant
from kibble.services.product.model.imports import ImportJob, ImportStatus
from kibble.services.product.schemas.base import Answer


class ImportQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How to import: with ``dry_run``, only tell what would be done."""

    dry_run: bool = False


class RowErrorView(Answer, frozen=True):
    """What is wrong with one row: a pointer to the field, and a sentence.

    ``row`` counts from 1 as a spreadsheet does, with a CSV's header as row 1; of JSON lines and XML
    it is the number of the record.
    """

    row: int
    pointer: str
    message: str
    sku: str = ""


class ImportView(Answer, frozen=True):
    """How far an import has come.

    ``rowsRead`` = created + updated + unchanged + failed rows so far. ``errors`` are the first
    ones; all are at ``errorsUrl``, a JSON object a line. ``ignoredColumns`` mean nothing to us.
    A ``dryRun`` counts what the import would do, and changes nothing.
    """

    id: str
    name: str
    status: ImportStatus
    size_bytes: int
    rows_read: int
    applied: int
    created: int
    updated: int
    unchanged: int
    failed: int
    errors: list[RowErrorView]
    errors_url: str
    ignored_columns: list[str]
    reason: str | None
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    dry_run: bool

    @classmethod
    def of(cls, job: ImportJob, errors: Sequence[bytes] = ()) -> Self:
        """Return the view of an import, with the first lines of its report."""
        tally = job.tally
        return cls(
            id=job.id,
            name=job.name,
            status=job.status,
            size_bytes=job.size_bytes,
            rows_read=tally.read,
            applied=tally.created + tally.updated + tally.unchanged,
            created=tally.created,
            updated=tally.updated,
            unchanged=tally.unchanged,
            failed=tally.failed,
            errors=[msgspec.json.decode(line, type=RowErrorView) for line in errors],
            errors_url=f"/api/products/imports/{job.id}/errors",
            ignored_columns=sorted(job.ignored),
            reason=job.reason,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            dry_run=job.dry_run,
        )
