"""Small graphs of customers and products, written down or drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Iterable

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
profiles = st.builds(
    lambda bought, viewed: Profile.of(
        [(ProductNumber(number), orders, None) for number, orders in bought.items()],
        [(ProductNumber(number), None) for number in viewed],
    ),
    st.dictionaries(st.integers(1, 15), st.integers(1, 9), max_size=6),
    st.sets(st.integers(1, 15), max_size=6),
)


def graph(
    orders: Iterable[Basket],
    viewed: Iterable[tuple[int, int]] = (),
    on_sale: Iterable[int] = range(1, 16),
    category: str = "food",
) -> Edges:
    """Return a graph whose orders come a day apart; all products are of one category."""
    categories: dict[str, int] = {}
    return Edges.of(
        [order_lines(orders)],
        [rows([(customer, product, START) for customer, product in sorted(viewed)], 3)],
        [coded([(number, category) for number in on_sale], categories)],
        categories,
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
