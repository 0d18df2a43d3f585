"""Builds an item model from the graph: pure, and heavy enough for a process of its own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from kibble.services.recommendation.model.arrays import Flags, Indexes, Rows, Weights, leading
from kibble.services.recommendation.model.behaviour import BOUGHT_WEIGHT, VIEWED_WEIGHT
from kibble.services.recommendation.model.edges import NOBODY, Edges
from kibble.services.recommendation.model.item_model import ItemModel
from kibble.services.recommendation.model.neighbours import Neighbours
from kibble.services.recommendation.model.similarity import (
    Matrix,
    ease,
    keep_best,
    lift,
    rp3beta,
)
from kibble.services.recommendation.model.tuning import Tuning

SECONDS_PER_DAY = 86_400


def build_model(edges: Edges, tuning: Tuning) -> ItemModel:
    """Return the item model of ``edges``; the same edges always give the same model.

    Families are its products: a variant is nowhere in it.
    """
    edges = edges.by_family()
    lines = _latest(edges.lines, 0, tuning.lines_per_order)
    views = _latest(edges.views, 0, tuning.views_per_customer)
    products = np.union1d(lines[:, 2], views[:, 1])
    if not len(products):
        return ItemModel.empty()
    category = _categories(products, edges.sold)
    popularity = _popularity(products, lines, views, tuning.half_life_days)
    sold = category >= 0
    ranking = np.flatnonzero(sold & (popularity > 0))
    named = lines[lines[:, 1] != NOBODY]
    viewed = _matrix(views[:, 0], views[:, 1], products)
    baskets = _matrix(lines[:, 0], lines[:, 2], products)
    return ItemModel(
        products=products.astype(np.int32),
        popularity=popularity,
        ranking=ranking[np.lexsort((ranking, -popularity[ranking]))].astype(np.int32),
        category=category,
        categories=edges.categories,
        affinity=_affinity(named, views, products, sold, tuning),
        together=keep_best(lift(baskets, tuning.shrink), tuning.companions, sold),
        viewed=keep_best(lift(viewed, tuning.shrink), tuning.companions, sold),
    )


def _affinity(named: Rows, views: Rows, products: Rows, sold: Flags, tuning: Tuning) -> Neighbours:
    """Return the neighbours that a customer's taste is scored by."""
    tastes = _matrix(
        np.concatenate([named[:, 1], views[:, 0]]),
        np.concatenate([named[:, 2], views[:, 1]]),
        products,
        np.repeat([BOUGHT_WEIGHT, VIEWED_WEIGHT], [len(named), len(views)]),
    )
    count = min(tuning.neighbours, max(1, tuning.max_neighbours // len(products)))
    if len(products) <= tuning.dense_products:
        return keep_best(ease(tastes, tuning.l2), count, sold)
    walk = keep_best(rp3beta(tastes, tuning.alpha, tuning.beta), count, sold)
    return walk.normalized().thinned(count)


def _matrix(
    owners: Rows, numbers: Rows, products: Rows, weights: npt.ArrayLike = BOUGHT_WEIGHT
) -> Matrix:
    """Return owners x products; of a pair that comes several times the first weight counts."""
    owner_ids, rows = np.unique(owners, return_inverse=True)
    columns = np.searchsorted(products, numbers)
    _, first = np.unique(rows * len(products) + columns, return_index=True)
    values = np.broadcast_to(np.asarray(weights, np.float32), len(rows))[first]
    shape = (len(owner_ids), len(products))
    return sparse.csr_array((values, (rows[first], columns[first])), shape=shape)


def _popularity(products: Rows, lines: Rows, views: Rows, half_life_days: float) -> Weights:
    """Return the sum of each product's edges, halved every half-life before the latest edge."""
    numbers = np.concatenate([lines[:, 2], views[:, 1]])
    times = np.concatenate([lines[:, 3], views[:, 2]]).astype(np.float64)
    weights = np.repeat([BOUGHT_WEIGHT, VIEWED_WEIGHT], [len(lines), len(views)])
    age_days = (times.max() - times) / SECONDS_PER_DAY
    decayed = weights * 0.5 ** (age_days / half_life_days)
    places = np.searchsorted(products, numbers)
    return np.bincount(places, decayed, len(products)).astype(np.float32)


def _categories(products: Rows, sold: Rows) -> Indexes:
    """Return the place of each product's category, -1 for a product that is not sold."""
    category = np.full(len(products), -1, np.int32)
    _, places, rows = np.intersect1d(products, sold[:, 0], return_indices=True)
    category[places] = sold[rows, 1]
    return category


def _latest(edges: Rows, owner: int, count: int) -> Rows:
    """Return the ``count`` latest edges of each owner; the time is in the last column."""
    kept: Rows = edges[leading(edges[:, owner], -edges[:, -1].astype(np.int64), count)]
    return kept
