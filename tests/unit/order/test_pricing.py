"""What a basket costs, whatever is in it and whatever promotion applies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.ids import ProductId
from kibble.kernel.money import Money
from kibble.services.order.errors import PromotionRefused
from kibble.services.order.model.order import Charges
from kibble.services.order.model.pricing import charges, load_tax_rates
from kibble.services.order.model.promotion import Priced, Promotion, PromotionKind
from tests.fixtures.doubles import START

PRICES = {ProductId("bag"): Money(2999), ProductId("toy"): Money(750), ProductId("tin"): Money(1)}
FREE = Money(0)

products = st.sampled_from(list(PRICES))
lines = st.builds(
    lambda product, quantity: Priced(product, quantity, PRICES[product]),
    products,
    st.integers(1, 30),
)
baskets = st.lists(lines, max_size=6)
amounts = st.integers(0, 100_000).map(Money)
rates = st.integers(0, 1_500)


def promote(kind: PromotionKind, **fields: object) -> Promotion:
    """Return a promotion that started long ago."""
    promotion = Promotion("CODE", kind, "An offer", START)
    return replace(promotion, **fields)  # type: ignore[arg-type]  # each test names fields


promotions = st.one_of(
    st.none(),
    st.just(promote(PromotionKind.FREE_SHIPPING)),
    st.integers(1, 10_000).map(lambda n: promote(PromotionKind.PERCENT, basis_points=n)),
    amounts.map(lambda amount: promote(PromotionKind.AMOUNT, amount=amount)),
    st.builds(
        lambda buy, get, bought, given, share: promote(
            PromotionKind.BUY_X_GET_Y,
            buy_product=buy,
            get_product=get,
            buy_quantity=bought,
            get_quantity=given,
            basis_points=share,
        ),
        products,
        products,
        st.integers(1, 4),
        st.integers(1, 4),
        st.integers(1, 10_000),
    ),
)


def cost(
    basket: list[Priced],
    promotion: Promotion | None = None,
    *,
    shipping: Money = FREE,
    tax: int = 0,
) -> Charges:
    return charges(basket, "USD", promotion=promotion, shipping=shipping, tax_basis_points=tax)


def share(amount: Money, basis_points: int) -> Money:
    """Return a share of an amount as a decimal calculator rounds it: half up, once."""
    exact = Decimal(amount.minor) * basis_points / 10_000
    return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)))


class TestCharges:
    @given(baskets, promotions, amounts, rates)
    def test_always_add_up(
        self, basket: list[Priced], promotion: Promotion | None, shipping: Money, tax: int
    ) -> None:
        result = cost(basket, promotion, shipping=shipping, tax=tax)
        assert result.items.minor == sum(line.price.minor * line.quantity for line in basket)
        assert result.due == result.items - result.discount + result.shipping + result.tax
        assert FREE <= result.discount <= result.items
        assert result.tax == share(result.items - result.discount, tax)
        assert result.due >= result.shipping + result.tax

    @given(baskets, promotions, amounts, rates, st.randoms(use_true_random=False))
    def test_are_the_same_however_the_units_stand_on_lines(
        self,
        basket: list[Priced],
        promotion: Promotion | None,
        shipping: Money,
        tax: int,
        chance: object,
    ) -> None:
        units = [replace(line, quantity=1) for line in basket for _ in range(line.quantity)]
        chance.shuffle(units)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
        assert cost(units, promotion, shipping=shipping, tax=tax) == cost(
            basket, promotion, shipping=shipping, tax=tax
        )

    def test_round_the_tax_once_on_the_sum(self) -> None:
        basket = [Priced(ProductId("tin"), 1, Money(1))] * 7
        assert cost(basket, tax=725).tax == Money(1)

    def test_round_half_a_cent_up(self) -> None:
        assert cost([Priced(ProductId("bag"), 1, Money(50))], tax=100).tax == Money(1)
        assert cost([Priced(ProductId("bag"), 1, Money(49))], tax=100).tax == Money(0)

    def test_tax_neither_the_discount_nor_the_shipping(self) -> None:
        half = promote(PromotionKind.PERCENT, basis_points=5_000)
        basket = [Priced(ProductId("bag"), 1, Money(2_000))]
        assert cost(basket, half, shipping=Money(495), tax=1_000) == Charges(
            Money(2_000), Money(1_000), Money(495), Money(100)
        )

    def test_are_in_the_shops_currency(self) -> None:
        empty = charges([], "EUR", promotion=None, shipping=Money(0, "EUR"), tax_basis_points=0)
        assert empty.due == Money(0, "EUR")


class TestPercent:
    @given(baskets, st.integers(1, 10_000))
    def test_is_a_share_of_the_items_rounded_once(self, basket: list[Priced], points: int) -> None:
        result = cost(basket, promote(PromotionKind.PERCENT, basis_points=points))
        assert result.discount == share(result.items, points)


class TestAmount:
    @given(baskets, amounts)
    def test_is_taken_off_as_far_as_the_items_go(self, basket: list[Priced], off: Money) -> None:
        result = cost(basket, promote(PromotionKind.AMOUNT, amount=off), shipping=Money(495))
        assert result.discount == min(off, result.items)
        assert result.shipping == Money(495)


class TestFreeShipping:
    @given(baskets, amounts, rates)
    def test_changes_the_shipping_alone(
        self, basket: list[Priced], shipping: Money, tax: int
    ) -> None:
        plain = cost(basket, shipping=shipping, tax=tax)
        freed = cost(basket, promote(PromotionKind.FREE_SHIPPING), shipping=shipping, tax=tax)
        assert freed == replace(plain, shipping=FREE)


class TestBuySomeGetSome:
    @given(baskets, st.integers(1, 4), st.integers(1, 4))
    def test_of_one_product_frees_units_of_whole_rounds(
        self, basket: list[Priced], buy: int, get: int
    ) -> None:
        toy = ProductId("toy")
        offer = promote(
            PromotionKind.BUY_X_GET_Y,
            buy_product=toy,
            get_product=toy,
            buy_quantity=buy,
            get_quantity=get,
            basis_points=10_000,
        )
        left = sum(line.quantity for line in basket if line.product_id == toy)
        free = 0
        while left >= buy + get:
            left -= buy + get
            free += get
        assert cost(basket, offer).discount == PRICES[toy] * free

    @given(baskets, st.integers(1, 4), st.integers(1, 4), st.integers(1, 10_000))
    def test_of_two_products_frees_units_that_are_in_the_basket(
        self, basket: list[Priced], buy: int, get: int, points: int
    ) -> None:
        bag, toy = ProductId("bag"), ProductId("toy")
        offer = promote(
            PromotionKind.BUY_X_GET_Y,
            buy_product=bag,
            get_product=toy,
            buy_quantity=buy,
            get_quantity=get,
            basis_points=points,
        )
        bags = sum(line.quantity for line in basket if line.product_id == bag)
        toys = sum(line.quantity for line in basket if line.product_id == toy)
        given_away = 0
        while bags >= buy:
            bags -= buy
            taken = min(get, toys)
            toys -= taken
            given_away += taken
        assert cost(basket, offer).discount == share(PRICES[toy] * given_away, points)


class TestACode:
    def refusal(
        self, promotion: Promotion, *, items: Money = FREE, hours: float = 0, used: int = 0
    ) -> str | None:
        try:
            promotion.check(items, START + timedelta(hours=hours), used)
        except PromotionRefused as error:
            return error.message
        return None

    def test_is_valid_from_its_start_until_just_before_its_end(self) -> None:
        sale = promote(PromotionKind.FREE_SHIPPING, ends_at=START + timedelta(hours=2))
        assert self.refusal(sale, hours=0) is None
        assert self.refusal(sale, hours=1.99) is None
        for hours in (-0.01, 2, 3):
            assert self.refusal(sale, hours=hours) == "This code is not valid today."

    def test_without_an_end_is_valid_for_ever(self) -> None:
        assert self.refusal(promote(PromotionKind.FREE_SHIPPING), hours=100_000) is None

    def test_is_refused_once_it_was_used_up(self) -> None:
        sale = promote(PromotionKind.FREE_SHIPPING, max_uses=2, uses=1)
        assert self.refusal(sale) is None
        sale.uses = 2
        assert self.refusal(sale) == "This code has been used up."

    def test_is_refused_to_a_customer_who_has_used_it_enough(self) -> None:
        sale = promote(PromotionKind.FREE_SHIPPING, max_uses_per_customer=2)
        assert self.refusal(sale, used=1) is None
        assert self.refusal(sale, used=2) == "You have used this code before."

    def test_is_refused_below_its_minimum(self) -> None:
        sale = promote(PromotionKind.FREE_SHIPPING, minimum=Money(5_000))
        assert self.refusal(sale, items=Money(5_000)) is None
        assert self.refusal(sale, items=Money(4_999)) == "This code needs a basket of 50.00 USD."


class TestTaxRates:
    def test_are_there_for_every_state_and_the_capital(self) -> None:
        table = load_tax_rates()
        assert len(table) == 51
        assert all(len(state) == 2 and state.isupper() for state in table)
        assert all(0 <= points < 1_000 for points in table.values())

    @pytest.mark.parametrize(
        ("state", "points"), [("CA", 725), ("AR", 650), ("CT", 635), ("NY", 400), ("OR", 0)]
    )
    def test_are_in_basis_points(self, state: str, points: int) -> None:
        assert load_tax_rates()[state] == points
