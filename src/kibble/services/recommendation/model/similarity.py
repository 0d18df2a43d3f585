"""Item-item similarities over a customers x products or orders x products matrix.

Each yields, product by product, the similarity to others as (their indexes, as many weights), so
that no more than a block of the products x products matrix is in memory; ``ease`` alone needs all
of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from kibble.services.recommendation.model.arrays import Flags, Indexes, Weights
from kibble.services.recommendation.model.neighbours import Neighbours

Matrix = sparse.csr_array[Any, tuple[int, int]]
Row = tuple[Indexes, Weights]

BLOCK_CELLS = 4_000_000
"""At most so many cells of a products x products matrix are computed at a time."""


def ease(matrix: Matrix, l2: float) -> Iterator[Row]:
    """Yield the rows of EASE^R: linear, closed form, weights may be negative (Steck, WWW 2019)."""
    blocks = _blocks(sparse.csr_array(matrix.T), matrix)
    gram = np.concatenate([block.toarray() for block in blocks])
    gram[np.diag_indices_from(gram)] += l2
    inverse = linalg.inv(gram, overwrite_a=True, check_finite=False, assume_a="pos")
    weights = np.divide(inverse, -np.diag(inverse)[np.newaxis, :], dtype=np.float32)
    everything = np.arange(matrix.shape[1], dtype=np.int32)
    for row in weights:
        yield everything, row


def rp3beta(matrix: Matrix, alpha: float, beta: float) -> Iterator[Row]:
    """Yield the rows of RP3beta: a random walk product -> customer -> product.

    Steps have their probability to the power ``alpha``; a target's weight is divided by its
    popularity to the power ``beta`` (Paudel et al., ACM TiiS 2017).
    """
    popularity = matrix.sum(axis=0)
    back = sparse.diags_array(_power(matrix.sum(axis=1), -alpha)) @ matrix
    back = sparse.csr_array(back @ sparse.diags_array(_power(popularity, -beta)))
    there = sparse.csr_array(sparse.diags_array(_power(popularity, -alpha)) @ matrix.T)
    yield from _product_rows(there, back)


def lift(matrix: Matrix, shrink: float) -> Iterator[Row]:
    """Yield how much more often than by chance two products share a row of a 0/1 ``matrix``.

    The expected count is enlarged by ``shrink``, so that a rare pair proves little.
    """
    counts = matrix.sum(axis=0)
    for product, (found, together) in enumerate(_product_rows(sparse.csr_array(matrix.T), matrix)):
        expected = counts[product] * counts[found] / matrix.shape[0] + shrink
        yield found, (together / expected).astype(np.float32)


def keep_best(rows: Iterator[Row], count: int, allowed: Flags) -> Neighbours:
    """Return the ``count`` neighbours of the greatest absolute weight of each row.

    A product is no neighbour of itself, and only ``allowed`` products are neighbours at all.
    """
    return Neighbours.of(
        _best(found, weights, count, allowed[found] & (found != product) & (weights != 0))
        for product, (found, weights) in enumerate(rows)
    )


def _best(found: Indexes, weights: Weights, count: int, wanted: Flags) -> Row:
    found, weights = found[wanted], weights[wanted]
    strength = -np.abs(weights)
    if len(found) > count:
        best = np.argpartition(strength, count - 1)[:count]
        found, weights, strength = found[best], weights[best], strength[best]
    order = np.lexsort((found, strength))
    return found[order], weights[order]


def _product_rows(left: Matrix, right: Matrix) -> Iterator[Row]:
    """Yield the rows of ``left @ right``."""
    for block in _blocks(left, right):
        for first, last in zip(block.indptr, block.indptr[1:], strict=False):
            yield block.indices[first:last], block.data[first:last]


def _blocks(left: Matrix, right: Matrix) -> Iterator[Matrix]:
    """Yield ``left @ right`` some rows at a time."""
    step = max(1, BLOCK_CELLS // max(1, right.shape[1]))
    for start in range(0, left.shape[0], step):
        yield sparse.csr_array(left[start : start + step] @ right)


def _power(values: npt.NDArray[Any], exponent: float) -> Weights:
    """Return ``values`` to a negative power, 0 staying 0."""
    result = np.zeros(len(values), np.float32)
    np.power(values, exponent, out=result, where=values > 0, casting="same_kind")
    return result
