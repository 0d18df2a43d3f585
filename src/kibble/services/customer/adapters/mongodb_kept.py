"""What identifies people, on MongoDB: a collection a type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kibble.platform.engines.mongodb import Document, Kind, Put, Remove, Write
from kibble.services.customer.adapters.kept import ALL, Kept


def kinds() -> Mapping[type[Any], Kind]:
    """Return how each type is written."""
    return {kept.type: _kind(kept) for kept in ALL}


def indexes() -> Mapping[str, Sequence[str]]:
    """Return the fields that queries ask for."""
    return {kept.table: ["owner", "until"] for kept in ALL}


def _kind(kept: Kept[Any]) -> Kind:
    return Kind(kept.table, lambda one: one.id, _saver(kept), _remover(kept))


def _saver(kept: Kept[Any]) -> Callable[[Any, int, Document], Iterable[Write]]:
    def save(aggregate: Any, expected: int, _: Document) -> Iterable[Write]:
        row = kept.row(aggregate)
        key = row.pop("id")
        lookup = row["lookup"]
        yield Put(kept.table, key, expected, row, (lookup,) if lookup else ())

    return save


def _remover(kept: Kept[Any]) -> Callable[[Any, int, Document], Iterable[Write]]:
    def remove(aggregate: Any, expected: int, _: Document) -> Iterable[Write]:
        yield Remove(kept.table, aggregate.id, expected)

    return remove
