"""Cutting a feed into records: CSV rows, JSON lines or XML elements, as its content shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from kibble.services.product.adapters.feeds.mapping import meaning_of, readable
from kibble.services.product.adapters.feeds.source import MAX_LINE, decoded, lines, open_bytes
from kibble.services.product.adapters.feeds.xml import xml_records
from kibble.services.product.errors import FeedBroken

CHUNK = 250
"""Records in a chunk: what one worker reads at a time, and one transaction applies."""

MAX_RECORDS = 5_000_000
MAX_NAMES = 20
MAX_NAMES_LENGTH = 200
_DELIMITERS = ",;\t|"


class Form(Enum):
    """What a feed is made of."""

    CSV = "csv"
    JSON_LINES = "json lines"
    XML = "xml"


Record = list[str] | str | dict[str, object]
"""A CSV row's cells, a line of JSON, or an XML element as names and values."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records in a row; ``first`` is the number of the first one, from 1."""

    form: Form
    header: tuple[str, ...]
    first: int
    records: list[Record]


def row_of(form: Form, number: int) -> int:
    """Return the row of a feed's record ``number`` as a spreadsheet counts: the header is row 1."""
    return number + 1 if form is Form.CSV else number


def chunks(path: Path, after: int) -> Generator[Chunk]:
    """Yield the records after number ``after``; raises ``FeedBroken`` where they cannot be read."""
    with open_bytes(path) as source:
        form = _form(source)
        header: tuple[str, ...] = ()
        records: Iterator[Record]
        if form is Form.XML:
            records = iter(xml_records(source))
        elif form is Form.JSON_LINES:
            records = (line for line in lines(decoded(source)) if not line.isspace())
        else:
            header, records = _csv(decoded(source))
        yield from _grouped(form, header, records, after)


def _form(source: io.BufferedReader) -> Form:
    head = source.peek(1 << 12).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    if not head:
        raise FeedBroken("The feed is empty.")
    if head.startswith(b"<"):
        return Form.XML
    if head.startswith(b"["):
        raise FeedBroken("The feed is a JSON array; send one object a line (JSON lines).")
    return Form.JSON_LINES if head.startswith(b"{") else Form.CSV


def _csv(text: io.TextIOWrapper) -> tuple[tuple[str, ...], Iterator[Record]]:
    """Return a CSV file's header and its rows; the header tells the delimiter.

    Raises ``FeedBroken`` when no column is the SKU, which also refuses what is no text at all.
    """
    source = lines(text)
    first = next(source)
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(MAX_LINE)
    rows = csv.reader(_chained(first, source), delimiter=delimiter)
    header = tuple(name.strip() for name in next(rows))
    _require_sku(header)
    return header, (row for row in rows if row)


def _require_sku(header: tuple[str, ...]) -> None:
    if "sku" not in map(meaning_of, header):
        names = repr(readable(", ".join(header[:MAX_NAMES])))[:MAX_NAMES_LENGTH]
        raise FeedBroken(f"No column is the SKU (sku, id, product_id, code); there are: {names}.")


def _chained(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _grouped(
    form: Form, header: tuple[str, ...], records: Iterator[Record], after: int
) -> Iterator[Chunk]:
    number = 0
    group: list[Record] = []
    failure: FeedBroken | None = None
    try:
        for record in _bounded(records):
            number += 1
            if number > after:
                group.append(record)
            if len(group) == CHUNK:
                yield Chunk(form, header, number - CHUNK + 1, group)
                group = []
    except csv.Error as error:
        failure = FeedBroken(f"After row {row_of(form, number)}: {error}. Is a quote not closed?")
    except FeedBroken as error:
        after_row = f"After row {row_of(form, number)}: {error.message}"
        failure = FeedBroken(after_row) if number else error
    if group:
        yield Chunk(form, header, number - len(group) + 1, group)
    if failure is not None:
        raise failure


def _bounded(records: Iterator[Record]) -> Iterator[Record]:
    for number, record in enumerate(records):
        if number >= MAX_RECORDS:
            raise FeedBroken(f"The feed has more than {MAX_RECORDS:,} rows.")
        yield record
