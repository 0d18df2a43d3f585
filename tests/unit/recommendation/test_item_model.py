"""What the item model promises of every look-up, whatever the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from tempfile import TemporaryFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.services.recommendation.model import (
    Edges,
    ItemModel,
    Pick,
    ProductNumber,
    Profile,
    Reason,
    Tuning,
)
from kibble.services.recommendation.model.arrays import load, save
from kibble.services.recommendation.model.builder import build_model
from kibble.services.recommendation.model.edges import coded, rows
from tests.unit.recommendation.graphs import (
    DAY,
    START,
    Basket,
    baskets,
    customer,
    graph,
    products,
    profiles,
    purchases,
    sold,
    variants,
    viewings,
    views,
)

DENSE = Tuning()
SPARSE = replace(Tuning(), dense_products=0)
tunings = st.sampled_from([DENSE, SPARSE])
graphs = st.builds(graph, baskets, views, sold)
counts = st.integers(1, 10)


def numbers(picks: Sequence[Pick]) -> list[int]:
    return [pick.product for pick in picks]


def assert_well_formed(picks: Sequence[Pick], count: int, on_sale: set[int]) -> None:
    scores = [pick.score for pick in picks]
    assert len(picks) <= count
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert len(set(numbers(picks))) == len(picks)
    assert set(numbers(picks)) <= on_sale


def on_sale(edges: Edges) -> set[int]:
    return set(edges.sold[:, 0].tolist())


def bought(**counts: int) -> Profile:
    """Return a profile of products named p1, p2, ... and the number of orders."""
    return Profile.of(
        [(ProductNumber(int(name[1:])), orders, None, None) for name, orders in counts.items()], []
    )


@given(graphs, tunings, profiles, counts)
def test_discovers_only_what_is_sold_and_was_never_bought(
    edges: Edges, tuning: Tuning, profile: Profile, count: int
) -> None:
    picks = build_model(edges, tuning).discover(profile, count)
    assert_well_formed(picks, count, on_sale(edges) - profile.bought.keys())


@given(graphs, tunings, profiles)
def test_gives_a_product_of_the_profile_as_the_cause(
    edges: Edges, tuning: Tuning, profile: Profile
) -> None:
    for pick in build_model(edges, tuning).discover(profile, 10):
        causes = {
            Reason.BECAUSE_YOU_BOUGHT: tuple(profile.bought),
            Reason.BECAUSE_YOU_VIEWED: profile.viewed,
        }
        assert pick.because in causes[pick.reason]


@given(graphs, tunings, profiles, counts)
def test_buys_again_by_the_number_of_orders_before_anything_new(
    edges: Edges, tuning: Tuning, profile: Profile, count: int
) -> None:
    picks = build_model(edges, tuning).buy_again(profile, count)
    again = [pick for pick in picks if pick.reason is Reason.BUY_AGAIN]
    orders = [profile.bought[pick.product] for pick in again]
    assert_well_formed(picks, count, on_sale(edges) | profile.bought.keys())
    assert picks[: len(again)] == again
    assert len(again) == min(count, len(profile.bought))
    assert orders == sorted(orders, reverse=True)


@given(graphs, tunings, products, counts)
def test_relates_a_product_to_others_that_are_sold(
    edges: Edges, tuning: Tuning, product: int, count: int
) -> None:
    picks = build_model(edges, tuning).related(ProductNumber(product), count)
    assert_well_formed(picks, count, on_sale(edges) - {product})
    assert all(pick.because == product for pick in picks)


@given(graphs, counts, st.sets(products))
def test_names_the_most_popular_products_but_those_to_hide(
    edges: Edges, count: int, hidden: set[int]
) -> None:
    model = build_model(edges, DENSE)
    picks = model.trending(None, count, hidden)
    popularity = dict(zip(model.products.tolist(), model.popularity.tolist(), strict=True))
    rest = (popularity.keys() & on_sale(edges)) - hidden - set(numbers(picks))
    assert_well_formed(picks, count, on_sale(edges) - hidden)
    assert len(picks) == min(count, len(picks) + len(rest))
    assert all(popularity[pick.product] >= popularity[other] for pick in picks for other in rest)


@given(graphs, tunings)
def test_builds_the_same_model_from_the_same_graph(edges: Edges, tuning: Tuning) -> None:
    first, second = build_model(edges, tuning).arrays(), build_model(edges, tuning).arrays()
    assert all(np.array_equal(array, second[name]) for name, array in first.items())


@given(graphs, tunings, profiles)
def test_answers_the_same_after_it_went_through_a_file(
    edges: Edges, tuning: Tuning, profile: Profile
) -> None:
    model = build_model(edges, tuning)
    with TemporaryFile() as file:
        save(file, model.arrays())
        copy = ItemModel.from_arrays(load(file))
    assert copy.discover(profile, 10) == model.discover(profile, 10)
    assert copy.trending("food", 10) == model.trending("food", 10)


@given(baskets, views, variants, tunings)
def test_a_family_is_one_product_of_the_model(
    orders: list[Basket], viewed: set[tuple[int, int]], variants: dict[int, int], tuning: Tuning
) -> None:
    families = [
        (customer, {variants.get(one, one) for one in basket}) for customer, basket in orders
    ]
    by_hand = graph(families, {(customer, variants.get(one, one)) for customer, one in viewed})
    made = build_model(graph(orders, viewed, variants=variants), tuning).arrays()
    expected = build_model(by_hand, tuning).arrays()
    assert all(np.array_equal(made[name], array) for name, array in expected.items())


@given(baskets, variants, tunings, purchases, viewings)
def test_suggests_no_variant_but_to_buy_it_again(
    orders: list[Basket],
    variants: dict[int, int],
    tuning: Tuning,
    bought: dict[int, int],
    viewed: set[int],
) -> None:
    model = build_model(graph(orders, variants=variants), tuning)
    buyer = customer(bought, viewed, variants)
    new = set(numbers(model.discover(buyer, 20)))
    assert new.isdisjoint(variants)
    assert new.isdisjoint(buyer.families())
    again = model.buy_again(buyer, 20)
    assert {pick.product for pick in again if pick.reason is Reason.BUY_AGAIN} == bought.keys()
    assert new == {pick.product for pick in again if pick.reason is not Reason.BUY_AGAIN}
    for configurable in variants.values():
        related = set(numbers(model.related(ProductNumber(configurable), 20)))
        assert related.isdisjoint({*variants, configurable})
    assert set(numbers(model.trending(None, 20))).isdisjoint(variants)


def test_a_purchase_of_one_variant_tells_of_its_siblings() -> None:
    small, large, treats, family = 1, 2, 3, 9
    orders: list[Basket] = [(customer, {small, treats}) for customer in (1, 2, 3)]
    model = build_model(graph(orders, variants={small: family, large: family}), DENSE)
    buyer = customer({large: 1}, variants={small: family, large: family})
    (pick,) = model.discover(buyer, 5)
    assert (pick.product, pick.because) == (treats, family)


def test_an_order_of_several_variants_is_one_of_the_family() -> None:
    variants = {1: 9, 2: 9}
    several: list[Basket] = [(1, {1, 2, 5})]
    model = build_model(graph(several, variants=variants), DENSE)
    assert model.products.tolist() == [5, 9]
    assert model.popularity.tolist() == [1.0, 1.0]


def test_of_views_of_several_variants_the_latest_counts() -> None:
    viewed = rows([(1, 1, START), (1, 2, START + 30 * DAY), (1, 5, START + 60 * DAY)], 3)
    categories: dict[str, int] = {}
    sold = coded([(5, "food"), (9, "food")], categories)
    families = rows([(1, 9), (2, 9)], 2)
    edges = Edges.of([], [viewed], [sold], categories, [families])
    popularity = build_model(edges, DENSE).popularity.tolist()
    assert popularity == pytest.approx([0.2, 0.1])


def test_buys_again_the_variant_that_was_bought_and_breaks_ties_by_the_family() -> None:
    small, large, treats, family = 1, 2, 3, 9
    variants = {small: family, large: family}
    orders: list[Basket] = [(1, {small}), (2, {small}), (3, {treats})]
    model = build_model(graph(orders, variants=variants), DENSE)
    buyer = customer({large: 1, treats: 1}, variants=variants)
    assert numbers(model.buy_again(buyer, 5)) == [large, treats]


@pytest.mark.parametrize("tuning", [DENSE, SPARSE])
def test_discovers_what_customers_of_the_same_taste_bought(tuning: Tuning) -> None:
    orders: list[Basket] = [(1, {1, 2}), (2, {1, 2}), (3, {3, 4}), (4, {3, 4})]
    picks = build_model(graph(orders), tuning).discover(bought(p1=1), 5)
    assert numbers(picks)[0] == 2
    assert picks[0].reason is Reason.BECAUSE_YOU_BOUGHT
    assert picks[0].because == 1


def test_the_cause_is_what_adds_the_most() -> None:
    orders: list[Basket] = [(1, {1, 2}), (2, {1, 2}), (3, {2, 3}), (4, {3}), (5, {3})]
    (pick,) = build_model(graph(orders), DENSE).discover(bought(p1=1, p3=1), 5)
    assert (pick.product, pick.because) == (2, 1)


def test_a_view_says_less_of_a_taste_than_a_purchase() -> None:
    orders: list[Basket] = [(1, {1, 2}), (2, {1, 2}), (3, {3, 4}), (4, {3, 4})]
    model = build_model(graph(orders), DENSE)
    profile = Profile.of([(ProductNumber(1), 1, None, None)], [(ProductNumber(3), None)])
    first, second = model.discover(profile, 5)
    assert (first.product, first.reason) == (2, Reason.BECAUSE_YOU_BOUGHT)
    assert (second.product, second.reason) == (4, Reason.BECAUSE_YOU_VIEWED)


def test_learns_from_views_alone() -> None:
    model = build_model(graph([], [(1, 1), (1, 2), (2, 1), (2, 2), (3, 3)]), DENSE)
    profile = Profile.of([], [(ProductNumber(1), None)])
    assert numbers(model.discover(profile, 5))[0] == 2
    assert model.related(ProductNumber(1), 5)[0].reason is Reason.VIEWED_TOGETHER


def test_a_rare_companion_beats_one_that_everybody_buys() -> None:
    fillers: list[Basket] = [(0, {9, 20 + number}) for number in range(40)]
    orders: list[Basket] = [(0, {1, 2, 9}) for _ in range(5)]
    edges = graph(orders + fillers, on_sale=range(100))
    first, second, *_ = build_model(edges, DENSE).related(ProductNumber(1), 5)
    assert (first.product, first.reason) == (2, Reason.BOUGHT_TOGETHER)
    assert second.product == 9


def test_what_several_relations_name_comes_before_what_one_does() -> None:
    orders: list[Basket] = [(0, {1, 2}), (0, {1, 3})]
    model = build_model(graph(orders, [(1, 1), (1, 3)]), DENSE)
    assert numbers(model.related(ProductNumber(1), 2)) == [3, 2]


def test_orders_of_nobody_tell_what_goes_together_and_nothing_of_tastes() -> None:
    model = build_model(graph([(0, {1, 2}), (0, {1, 2})]), DENSE)
    assert numbers(model.related(ProductNumber(1), 5)) == [2]
    assert model.discover(bought(p1=1), 5) == []


def test_breaks_ties_of_buying_again_by_popularity() -> None:
    orders: list[Basket] = [(1, {1, 2}), (2, {2}), (3, {2})]
    model = build_model(graph(orders), DENSE)
    assert numbers(model.buy_again(bought(p1=1, p2=1), 2)) == [2, 1]


def test_popularity_halves_with_every_half_life() -> None:
    tuning = replace(DENSE, half_life_days=10.0)
    lines = [(1, 0, 1, START), (2, 0, 2, START + 10 * DAY)]
    categories: dict[str, int] = {}
    edges = Edges.of([rows(lines, 4)], [], [coded([(1, "a"), (2, "a")], categories)], categories)
    assert build_model(edges, tuning).popularity.tolist() == [0.5, 1.0]


def test_trending_of_a_category_has_that_category_alone() -> None:
    categories: dict[str, int] = {}
    lines = rows([(1, 0, product, START) for product in (1, 2, 3)], 4)
    names = coded([(1, "toys"), (2, "food"), (3, "toys")], categories)
    model = build_model(Edges.of([lines], [], [names], categories), DENSE)
    assert numbers(model.trending("toys", 5)) == [1, 3]
    assert model.trending("nowhere", 5) == []


def test_thousands_of_views_of_a_robot_count_no_more_than_the_latest() -> None:
    tuning = replace(DENSE, views_per_customer=2)
    viewed = rows([(1, product, START + product) for product in range(1, 9)], 3)
    categories: dict[str, int] = {}
    names = coded([(number, "food") for number in range(1, 9)], categories)
    model = build_model(Edges.of([], [viewed], [names], categories), tuning)
    assert model.products.tolist() == [7, 8]


def test_all_products_together_keep_a_bounded_number_of_neighbours() -> None:
    orders: list[Basket] = [(customer, set(range(1, 13))) for customer in (1, 2, 3)]
    model = build_model(graph(orders), replace(SPARSE, max_neighbours=36))
    assert np.diff(model.affinity.starts).max() <= 3


def test_a_popular_product_is_not_everybodys_neighbour() -> None:
    orders: list[Basket] = [(customer, {9, customer}) for customer in (1, 2, 3, 4, 5)]
    model = build_model(graph(orders), replace(SPARSE, neighbours=2))
    assert np.bincount(model.affinity.products).max() == 2


def test_the_model_of_a_shop_without_customers_answers_nothing() -> None:
    model = build_model(graph([]), DENSE)
    assert model.related(ProductNumber(1), 5) == []
    assert model.discover(bought(p1=1), 5) == []
    assert model.trending(None, 5) == []
    assert numbers(model.buy_again(bought(p1=1, p2=3), 5)) == [2, 1]
