"""Small graphs of customers and products, written down or drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from hypothesis import strategies as st

from kibble.services.recommendation.model import Edges, ProductNumber, Profile
from kibble.services.recommendation.model.arrays import Rows
from kibble.services.recommendation.model.edges import coded, rows

DAY = 86_400
START = 1_700_000_000

Basket = tuple[int, set[int]]
"""A customer's number (0: nobody) and the products of one order."""

customers = st.integers(0, 5)
products = st.integers(1, 12)
baskets = st.lists(st.tuples(customers, st.sets(products, min_size=1, max_size=5)), max_size=20)
views = st.sets(st.tuples(st.integers(1, 5), products), max_size=20)
sold = st.sets(products).map(sorted)
variants = st.dictionaries(st.integers(1, 9), st.integers(10, 12), max_size=9)
"""Some of the products, and configurable ones that they are variants of."""


def customer(
    bought: Mapping[int, int],
    viewed: Iterable[int] = (),
    variants: Mapping[int, int] = MappingProxyType({}),
) -> Profile:
    """Return who bought products in so many orders, and viewed others."""
    parents = {ProductNumber(one): ProductNumber(other) for one, other in variants.items()}
    numbers = [ProductNumber(number) for number in bought]
    return Profile.of(
        [(number, bought[number], None, parents.get(number)) for number in numbers],
        [(parents.get(ProductNumber(one), ProductNumber(one)), None) for one in viewed],
    )


purchases = st.dictionaries(st.integers(1, 15), st.integers(1, 9), max_size=6)
viewings = st.sets(st.integers(1, 15), max_size=6)
profiles = st.builds(customer, purchases, viewings)


def graph(
    orders: Iterable[Basket],
    viewed: Iterable[tuple[int, int]] = (),
    on_sale: Iterable[int] = range(1, 16),
    category: str = "food",
    variants: Mapping[int, int] = MappingProxyType({}),
) -> Edges:
    """Return a graph whose orders come a day apart; all products are of one category.

    ``variants`` have their configurable products.
    """
    categories: dict[str, int] = {}
    return Edges.of(
        [order_lines(orders)],
        [rows([(customer, product, START) for customer, product in sorted(viewed)], 3)],
        [coded([(number, category) for number in on_sale], categories)],
        categories,
        [rows(sorted(variants.items()), 2)],
    )


def order_lines(orders: Iterable[Basket]) -> Rows:
    """Return the lines of orders that come a day apart."""
    return rows(
        [
            (number, customer, product, START + number * DAY)
            for number, (customer, basket) in enumerate(orders, 1)
            for product in sorted(basket)
        ],
        4,
    )
