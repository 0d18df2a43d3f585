"""Reading a chunk of records: the work of one worker, from a feed's own form to checked rows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import cast

import msgspec

from kibble.services.product.adapters.feeds.complete_journey import is_complete_journey, translated
from kibble.services.product.adapters.feeds.mapping import RowReader, readable
from kibble.services.product.adapters.feeds.records import Chunk, Record, row_of
from kibble.services.product.model.imports import FeedBatch, FeedRow, RowError


def parse(chunk: Chunk, currency: str) -> FeedBatch:
    """Return a chunk's rows, and what is wrong with the others.

    It is pure and takes plain values, so that any process can run it.
    """
    reader = RowReader(currency)
    known = is_complete_journey(frozenset(chunk.header))
    rows: list[FeedRow] = []
    errors: list[RowError] = []
    for number, record in enumerate(chunk.records, row_of(chunk.form, chunk.first)):
        named = _named(chunk, record)
        if isinstance(named, str):
            errors.append(RowError(number, "", readable(named)))
            continue
        row = reader.read(number, translated(cast("dict[str, str]", named)) if known else named)
        if isinstance(row, FeedRow):
            rows.append(row)
        else:
            errors += row
    last = chunk.first + len(chunk.records) - 1
    return FeedBatch(last, rows, errors, frozenset(reader.ignored))


def end_with_parent() -> None:
    """Have this worker process end when its parent is killed, which tells it nothing."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _named(chunk: Chunk, record: Record) -> Mapping[str, object] | str:
    """Return a record as names and values, or what is wrong with it as a whole."""
    if isinstance(record, dict):
        return record
    if isinstance(record, str):
        return _object(record)
    if len(record) > len(chunk.header):
        return f"has {len(record)} cells; the header has {len(chunk.header)}"
    cells = record + [""] * (len(chunk.header) - len(record))
    return dict(zip(chunk.header, cells, strict=True))


def _object(line: str) -> Mapping[str, object] | str:
    try:
        value: object = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        return f"is not valid JSON: {error}"
    return cast("dict[str, object]", value) if isinstance(value, dict) else "is not a JSON object"
