"""The whole graph as arrays: what an item model is built from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

import numpy as np

from kibble.services.recommendation.model.arrays import Arrays, Names, Rows, leading

NOBODY = 0
"""The customer number of a guest and of who was erased."""


def _no_families() -> Rows:
    return rows([], 2)


@dataclass(frozen=True, slots=True)
class Edges:
    """All edges of the graph, by the store's numbers; times are in seconds since 1970.

    ``lines`` has the columns order, customer, product, time; ``views`` customer, product, time;
    ``sold`` the product and the place of its category in ``categories``, of every product that
    is sold; ``families`` each variant, ascending, and its configurable product.
    """

    lines: Rows
    views: Rows
    sold: Rows
    categories: Names
    families: Rows = field(default_factory=_no_families)

    @classmethod
    def of(
        cls,
        lines: Iterable[Rows],
        views: Iterable[Rows],
        sold: Iterable[Rows],
        categories: Iterable[str],
        families: Iterable[Rows] = (),
    ) -> Edges:
        """Return the edges in chunks made by ``rows`` and ``coded``, with what the latter met."""
        return cls(
            lines=_joined(lines, 4),
            views=_joined(views, 3),
            sold=_joined(sold, 2),
            categories=np.array(list(categories), dtype=np.str_),
            families=_joined(families, 2),
        )

    def by_family(self) -> Edges:
        """Return the edges with every variant as its configurable product.

        What is doubled by that counts once: of an order with several variants one line, of a
        customer's views of them the latest.
        """
        if not len(self.families):
            return self
        return replace(
            self, lines=self._folded(self.lines, 0, 2), views=self._folded(self.views, 0, 1)
        )

    def _folded(self, edges: Rows, owner: int, product: int) -> Rows:
        variants, configurable = self.families.T
        places = np.minimum(np.searchsorted(variants, edges[:, product]), len(variants) - 1)
        known = variants[places] == edges[:, product]
        folded = edges.copy()
        folded[known, product] = configurable[places[known]]
        pairs = folded[:, owner].astype(np.uint64) << 32 | folded[:, product]
        once: Rows = folded[leading(pairs, -folded[:, -1].astype(np.int64), 1)]
        return once

    def __len__(self) -> int:
        """Return the number of edges."""
        return len(self.lines) + len(self.views)

    def arrays(self) -> Arrays:
        """Return the edges as named arrays."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Edges:
        """Return the edges that ``arrays`` returned."""
        return cls(**arrays)


LATEST = 2**32 - 1


def seconds(moment: datetime) -> int:
    """Return a time as the arrays hold it; from before 1970 or after 2106 the nearest one."""
    return min(max(0, int(moment.timestamp())), LATEST)


def rows(chunk: Sequence[Sequence[int]], width: int) -> Rows:
    """Return a chunk of rows with ``width`` columns as an array: 4 bytes a number."""
    return np.array(chunk, dtype=np.uint32).reshape(-1, width)


def coded(chunk: Iterable[tuple[int, str]], categories: dict[str, int]) -> Rows:
    """Return product numbers with the codes of their categories; new ones are given a code."""
    pairs = [(number, categories.setdefault(name, len(categories))) for number, name in chunk]
    return rows(pairs, 2)


def _joined(chunks: Iterable[Rows], width: int) -> Rows:
    return np.concatenate([rows([], width), *chunks])
