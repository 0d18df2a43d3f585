"""The records of an XML feed, one at a time; document types and entities are refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # has no types
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]  # has no types

from kibble.services.product.adapters.feeds.source import MAX_LINE
from kibble.services.product.errors import FeedBroken

RECORDS = frozenset({"product", "item", "entry", "offer"})
"""The elements that are a product: our own word, and those of RSS, Atom and marketplaces."""

MAX_DEPTH = 40
PIECE = 1 << 16
_KEYS = ("name", "warehouse")

Value = str | list[str] | dict[str, str]


class _Measured:
    """A source that counts what was read since the last record."""

    def __init__(self, source: io.BufferedReader) -> None:
        self._source = source
        self._read = 0

    def read(self, size: int = PIECE, /) -> bytes:
        if self._read > MAX_LINE:
            raise FeedBroken(f"{MAX_LINE:,} bytes hold no whole product.")
        data = self._source.read(min(size, PIECE))
        self._read += len(data)
        return data

    def found(self) -> None:
        self._read = 0


def xml_records(source: io.BufferedReader) -> Iterator[dict[str, object]]:
    """Yield each product as names and values; raises ``FeedBroken`` for what is no safe XML."""
    measured = _Measured(source)
    try:
        yield from _records(measured)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise FeedBroken(f"The XML cannot be read: {error or type(error).__name__}") from error


def _records(measured: _Measured) -> Iterator[dict[str, object]]:
    path: list[Element] = []
    inside: Element | None = None
    found = False
    events = iterparse(measured, ("start", "end"), forbid_dtd=True)
    for event, node in cast("Iterator[tuple[str, Element]]", events):
        if event == "start":
            path.append(node)
            if len(path) > MAX_DEPTH:
                raise FeedBroken(f"The XML is nested more than {MAX_DEPTH} deep.")
            if inside is None and _local(node.tag) in RECORDS:
                inside = node
            continue
        path.pop()
        if node is inside:
            yield _record(node)
            inside, found = None, True
            measured.found()
            if path:
                path[-1].clear()
    if not found:
        names = ", ".join(sorted(RECORDS))
        raise FeedBroken(f"No element of the XML is a product ({names}).")


def _record(node: Element) -> dict[str, object]:
    """Return a product's attributes and children by name; what comes again is a list."""
    record: dict[str, Value] = {_local(name): value for name, value in node.attrib.items()}
    for child in node:
        name, value = _local(child.tag), _value(child)
        record[name] = _joined(record[name], value) if name in record else value
    return {**record}


def _joined(before: Value, value: Value) -> Value:
    if isinstance(before, dict) and isinstance(value, dict):
        return before | value
    texts = [value] if isinstance(value, str) else [*value]
    return [*([before] if isinstance(before, str) else before), *texts]


def _value(node: Element) -> Value:
    """Return a text, the texts below, or names and texts: by key attribute, else by element."""
    text = (node.text or "").strip()
    for key in _KEYS:
        if (name := node.get(key)) is not None:
            return {name: text}
    if not len(node):
        return text
    if _local(node.tag) not in ("attributes", "stock"):
        return [(child.text or "").strip() for child in node]
    named: dict[str, str] = {}
    for child in node:
        value = _value(child)
        named |= value if isinstance(value, dict) else {_local(child.tag): "".join(value)}
    return named


def _local(tag: str) -> str:
    """Return a name without its namespace."""
    return tag.rpartition("}")[2]
