"""A cart: filled, merged and ordered, within its limits."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CartId, CustomerId, OrderId, ProductId
from kibble.kernel.money import Money
from kibble.services.order.errors import CartOrdered
from kibble.services.order.model.cart import MAX_LINES, MAX_QUANTITY, Cart
from tests.fixtures.doubles import START

LATER = START + timedelta(minutes=5)
ANN = CustomerId("ann")
PRICE = Money(2999)
contents = st.dictionaries(st.integers(0, 140), st.integers(1, MAX_QUANTITY), max_size=MAX_LINES)


def a_cart(quantities: dict[int, int] | None = None, name: str = "mine") -> Cart:
    """Return a guest's cart with so many units of each numbered product."""
    cart = Cart(CartId(name), None, START, START)
    for number, quantity in (quantities or {}).items():
        cart.put(ProductId(f"p{number}"), quantity, PRICE, START)
    return cart


def quantities(cart: Cart) -> dict[str, int]:
    return {product: line.quantity for product, line in cart.lines.items()}


class TestPutting:
    def test_sets_the_quantity_and_the_price_that_was_seen(self) -> None:
        cart = a_cart({1: 2, 2: 1})
        cart.put(ProductId("p1"), 5, Money(1999), LATER)
        assert quantities(cart) == {"p1": 5, "p2": 1}
        assert list(cart.lines) == ["p1", "p2"]
        assert cart.lines[ProductId("p1")].seen_price == Money(1999)
        assert cart.updated_at == LATER

    def test_takes_a_limited_number_of_products(self) -> None:
        cart = a_cart(dict.fromkeys(range(MAX_LINES), 1))
        before = deepcopy(cart)
        with pytest.raises(InvalidInput):
            cart.put(ProductId("one-more"), 1, PRICE, LATER)
        assert cart == before
        cart.put(ProductId("p0"), 7, PRICE, LATER)
        assert cart.lines[ProductId("p0")].quantity == 7

    def test_takes_a_limited_number_of_units(self) -> None:
        assert quantities(a_cart({1: MAX_QUANTITY + 1})) == {"p1": MAX_QUANTITY}

    def test_can_be_undone(self) -> None:
        cart = a_cart({1: 2})
        assert cart.remove(ProductId("p1"), LATER)
        assert not cart.remove(ProductId("p1"), LATER)
        assert cart.lines == {}


class TestMerging:
    @given(contents, contents)
    def test_keeps_the_larger_quantity_and_stays_within_the_limits(
        self, mine: dict[int, int], guests: dict[int, int]
    ) -> None:
        cart, other = a_cart(mine), a_cart(guests, "guest's")
        untouched = deepcopy(other)
        cart.merge(other, LATER)
        merged = quantities(cart)
        assert other == untouched
        assert len(merged) == min(len(mine.keys() | guests.keys()), MAX_LINES)
        assert mine.keys() <= {int(product[1:]) for product in merged}
        for product, quantity in merged.items():
            number = int(product[1:])
            assert quantity == max(mine.get(number, 0), guests.get(number, 0))

    @given(contents, contents)
    def test_again_changes_nothing(self, mine: dict[int, int], guests: dict[int, int]) -> None:
        cart, other = a_cart(mine), a_cart(guests, "guest's")
        cart.merge(other, LATER)
        once = deepcopy(cart)
        cart.merge(other, LATER)
        assert cart == once
        assert list(cart.lines) == list(once.lines)

    def test_shares_no_line_with_the_other_cart(self) -> None:
        cart, other = a_cart(), a_cart({1: 2}, "guest's")
        cart.merge(other, LATER)
        cart.lines[ProductId("p1")].quantity = 9
        assert quantities(other) == {"p1": 2}

    def test_keeps_the_price_that_was_seen_in_each(self) -> None:
        cart, other = a_cart({1: 1}), a_cart(name="guest's")
        for product in ("p1", "p2"):
            other.put(ProductId(product), 3, Money(1), START)
        cart.merge(other, LATER)
        assert [line.seen_price for line in cart.lines.values()] == [PRICE, Money(1)]


MEANS: dict[str, Callable[[Cart], object]] = {
    "put": lambda cart: cart.put(ProductId("p1"), 1, PRICE, LATER),
    "remove": lambda cart: cart.remove(ProductId("p1"), LATER),
    "merge": lambda cart: cart.merge(a_cart({2: 2}), LATER),
    "empty": lambda cart: cart.empty(LATER),
    "become": lambda cart: cart.become(OrderId("other"), None, LATER),
}


class TestAnOrderedCart:
    @pytest.mark.parametrize("means", MEANS)
    def test_never_changes_again(self, means: str) -> None:
        cart = a_cart({1: 3})
        cart.become(OrderId("o-1"), ANN, LATER)
        before = deepcopy(cart)
        with pytest.raises(CartOrdered) as caught:
            MEANS[means](cart)
        assert cart == before
        assert caught.value.details == {"cartId": "mine", "orderId": "o-1"}

    def test_belongs_to_who_ordered_it(self) -> None:
        cart = a_cart({1: 3})
        cart.become(OrderId("o-1"), ANN, LATER)
        assert (cart.customer_id, cart.order_id, cart.updated_at) == (ANN, "o-1", LATER)
