"""The similarities against their formulas, written out plainly over small dense matrices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from kibble.services.recommendation.model import similarity
from kibble.services.recommendation.model.neighbours import Neighbours
from kibble.services.recommendation.model.similarity import (
    Matrix,
    Row,
    ease,
    keep_best,
    lift,
    rp3beta,
)

Dense = npt.NDArray[np.float64]

matrices = arrays.arrays(np.float32, (6, 5), elements=st.sampled_from([0.0, 1.0]))
tastes = arrays.arrays(np.float32, (6, 5), elements=st.sampled_from([0.0, 0.25, 1.0]))


def dense(rows: Iterator[Row], size: int) -> Dense:
    result = np.zeros((size, size))
    for product, (found, weights) in enumerate(rows):
        result[product, found] = weights
    np.fill_diagonal(result, 0)
    return result


def compressed(matrix: npt.NDArray[np.float32]) -> Matrix:
    return sparse.csr_array(matrix)


@given(matrices)
def test_lift_is_the_count_over_the_expected_count(matrix: npt.NDArray[np.float32]) -> None:
    expected = np.zeros((5, 5))
    for one in range(5):
        for other in range(5):
            together = (matrix[:, one] * matrix[:, other]).sum()
            chance = matrix[:, one].sum() * matrix[:, other].sum() / 6
            expected[one, other] = together / (chance + 10.0) if one != other else 0
    assert dense(lift(compressed(matrix), 10.0), 5) == pytest.approx(expected, rel=1e-5)


@given(tastes)
def test_ease_is_the_regularized_least_squares_fit_without_self(
    matrix: npt.NDArray[np.float32],
) -> None:
    expected = np.zeros((5, 5))
    for target in range(5):
        others = [product for product in range(5) if product != target]
        design = matrix[:, others].astype(np.float64)
        ridge = design.T @ design + 3.0 * np.eye(4)
        expected[others, target] = np.linalg.solve(ridge, design.T @ matrix[:, target])
    assert dense(ease(compressed(matrix), 3.0), 5) == pytest.approx(expected, abs=1e-5)


@given(tastes)
def test_rp3beta_sums_the_walks_over_all_customers(matrix: npt.NDArray[np.float32]) -> None:
    popularity, activity = matrix.sum(axis=0), matrix.sum(axis=1)
    expected = np.zeros((5, 5))
    for source in range(5):
        for target in range(5):
            for customer in range(6):
                if source != target and matrix[customer, source] * matrix[customer, target]:
                    there = matrix[customer, source] * popularity[source] ** -0.7
                    back = matrix[customer, target] * activity[customer] ** -0.7
                    expected[source, target] += there * back * popularity[target] ** -0.2
    assert dense(rp3beta(compressed(matrix), 0.7, 0.2), 5) == pytest.approx(expected, rel=1e-4)


@given(tastes, st.integers(1, 30))
def test_the_size_of_a_block_changes_nothing(matrix: npt.NDArray[np.float32], cells: int) -> None:
    whole = dense(rp3beta(compressed(matrix), 0.7, 0.2), 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "BLOCK_CELLS", cells)
        in_blocks = dense(rp3beta(compressed(matrix), 0.7, 0.2), 5)
    assert in_blocks == pytest.approx(whole, rel=1e-5)


def row(*weights: float) -> Row:
    return np.arange(len(weights), dtype=np.int32), np.array(weights, np.float32)


def test_keeps_the_heaviest_allowed_neighbours_but_never_the_product_itself() -> None:
    rows = iter([row(9.0, 1.0, -3.0, 2.0, 0.0), row(0.0, 0.0, 0.0, 0.0, 0.0)])
    allowed = np.array([True, True, True, False, True])
    kept = keep_best(rows, 2, allowed)
    assert kept.products.tolist() == [2, 1]
    assert kept.weights.tolist() == [-3.0, 1.0]
    assert kept.starts.tolist() == [0, 2, 2]


def neighbours(*rows: dict[int, float]) -> Neighbours:
    return Neighbours.of(
        (np.array(list(row), np.int32), np.array(list(row.values()), np.float32)) for row in rows
    )


def test_thinning_keeps_a_product_where_it_weighs_most() -> None:
    thin = neighbours({1: 0.9, 2: 0.2}, {2: 0.8}, {1: 0.5}).thinned(1)
    assert thin.starts.tolist() == [0, 1, 2, 2]
    assert thin.products.tolist() == [1, 2]


def test_normalized_rows_sum_to_one_and_empty_ones_stay_empty() -> None:
    normal = neighbours({1: 3.0, 2: 1.0}, {}, {0: 5.0}).normalized()
    assert normal.weights.tolist() == [0.75, 0.25, 1.0]


def test_the_nearest_are_those_with_a_positive_weight_in_order() -> None:
    found, weights = neighbours({1: 0.9, 2: -0.8, 3: 0.5, 4: 0.1}).near(0, 2)
    assert found.tolist() == [1, 3]
    assert weights == pytest.approx([0.9, 0.5])


def test_a_step_leads_from_every_source_with_its_strength() -> None:
    near = neighbours({1: 0.5}, {}, {0: 0.25, 1: 1.0})
    targets, gains, origins = near.step(
        np.array([2, 1, 0], np.int32), np.array([2.0, 1.0, 4.0], np.float32)
    )
    assert targets.tolist() == [0, 1, 1]
    assert gains.tolist() == [0.5, 2.0, 2.0]
    assert origins.tolist() == [0, 0, 2]
