"""One state of the index, with what searches have learnt of it: ids, and how frequent words are."""

from __future__ import annotations

from tantivy import DocAddress, Searcher

from kibble.kernel.ids import ProductId

MAX_KNOWN = 100_000
"""Ids and words that are remembered of a state; when there are more, all are forgotten."""


class Snapshot:
    """Searches one state of the index.

    What is remembered holds for this state alone: after a commit there is another snapshot.
    """

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher
        self._ids: dict[int, ProductId] = {}
        self._frequencies: dict[str, int] = {}

    def frequency(self, stem: str) -> int:
        """Return how many products have a stem in their text."""
        known = self._frequencies.get(stem)
        if known is None:
            if len(self._frequencies) >= MAX_KNOWN:
                self._frequencies.clear()
            known = self._frequencies[stem] = self.searcher.doc_freq("text", stem)
        return known

    def ids(self, addresses: list[DocAddress]) -> list[ProductId]:
        """Return the ids of documents."""
        places = [address.segment_ord << 32 | address.doc for address in addresses]
        found = [self._ids.get(place) for place in places]
        if None in found:
            return self._read(places, addresses)
        return [one for one in found if one is not None]

    def _read(self, places: list[int], addresses: list[DocAddress]) -> list[ProductId]:
        """Read ids from their columns, which is faster than from the documents."""
        if len(self._ids) >= MAX_KNOWN:
            self._ids.clear()
        highs = self.searcher.fast_field_values("id_high", addresses)
        lows = self.searcher.fast_field_values("id_low", addresses)
        known = self._ids
        for place, high, low in zip(places, highs, lows, strict=True):
            if place not in known:
                known[place] = _id(int(high or 0), int(low or 0))
        return [known[place] for place in places]


def _id(high: int, low: int) -> ProductId:
    text = f"{high:016x}{low:016x}"
    return ProductId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")
