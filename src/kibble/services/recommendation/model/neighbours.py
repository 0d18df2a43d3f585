"""Weighted neighbours of every product, as flat arrays (compressed sparse rows)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kibble.services.recommendation.model.arrays import Arrays, Indexes, Weights, leading


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For each product its neighbours, the weightiest first; weights may be negative.

    The neighbours of product ``i`` are ``products[starts[i]:starts[i + 1]]``. Products are named
    by their index in the model.
    """

    starts: Indexes
    products: Indexes
    weights: Weights

    @classmethod
    def of(cls, rows: Iterable[tuple[Indexes, Weights]]) -> Neighbours:
        """Return the neighbours of each row: their indexes, and as many weights."""
        starts, products, weights = [0], [np.array([], np.int32)], [np.array([], np.float32)]
        for found, weight in rows:
            starts.append(starts[-1] + len(found))
            products.append(found)
            weights.append(weight)
        return cls(
            np.array(starts, dtype=np.int32),
            np.concatenate(products, dtype=np.int32),
            np.concatenate(weights, dtype=np.float32),
        )

    def near(self, index: int, count: int) -> tuple[Indexes, Weights]:
        """Return the ``count`` nearest of one product, those with a weight above 0."""
        start, end = self.starts[index], self.starts[index + 1]
        weights = self.weights[start:end]
        wanted = np.flatnonzero(weights > 0)[:count]
        return self.products[start:end][wanted], weights[wanted]

    def step(self, sources: Indexes, strengths: Weights) -> tuple[Indexes, Weights, Indexes]:
        """Walk one step from every source: where to, with what weight, and from which source.

        The third array holds places in ``sources``.
        """
        starts = self.starts[sources]
        counts = self.starts[sources + 1] - starts
        origins = np.repeat(np.arange(len(sources), dtype=np.int32), counts)
        first = np.cumsum(counts) - counts
        places = np.arange(len(origins)) + (starts - first)[origins]
        return self.products[places], self.weights[places] * strengths[origins], origins

    def normalized(self) -> Neighbours:
        """Return the neighbours with weights that sum to 1 in each row that has any."""
        sizes = np.diff(self.starts)
        owners = np.repeat(np.arange(len(sizes)), sizes)
        totals = np.bincount(owners, self.weights, len(sizes))
        weights = (self.weights / totals[owners]).astype(np.float32)
        return Neighbours(self.starts, self.products, weights)

    def thinned(self, count: int) -> Neighbours:
        """Return the neighbours with each product in at most ``count`` rows: where it weighs most.

        Without it a few popular products are everybody's neighbours.
        """
        owners = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        kept = leading(self.products, -np.abs(self.weights), count)
        sizes = np.bincount(owners[kept], minlength=len(self.starts) - 1)
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        return Neighbours(starts, self.products[kept], self.weights[kept])

    def arrays(self, name: str) -> Arrays:
        """Return the neighbours as arrays named after ``name``."""
        return {
            f"{name}.starts": self.starts,
            f"{name}.products": self.products,
            f"{name}.weights": self.weights,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays, name: str) -> Neighbours:
        """Return the neighbours that ``arrays(name)`` returned."""
        return cls(*(arrays[f"{name}.{part}"] for part in ("starts", "products", "weights")))
