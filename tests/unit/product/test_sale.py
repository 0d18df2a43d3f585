"""What a sale does to a product's price."""

from __future__ import annotations

from datetime import timedelta

from kibble.kernel.ids import CategoryId
from kibble.kernel.money import Money
from kibble.services.product.model.builder import ProductBuilder
from kibble.services.product.model.fields import Fields
from kibble.services.product.model.product import CategoryRef, Product
from kibble.services.product.model.sale import PastPrices, Sale, lowest_of, with_past
from tests.fixtures.doubles import START, FakeClock, fake_ids

FOOD = CategoryRef(CategoryId("food"), "Dog Food")
IDS = fake_ids(FakeClock())
DAY = timedelta(days=1)
REGULAR, REDUCED = Money(10_00), Money(7_00)


def product() -> Product:
    build = ProductBuilder(IDS, START).in_category(FOOD)
    return build.described_by(Fields(name="Kibble", price=REGULAR)).build().product


def week(price: Money = REDUCED) -> Sale:
    return Sale(price, START + DAY, START + 8 * DAY)


def prices(of: Product, *days: float) -> list[Money]:
    """Return what a product costs after each number of days."""
    seen = []
    for after in days:
        of.keep_time(START + after * DAY)
        seen.append(of.price)
    return seen


class TestPlan:
    def test_changes_the_price_from_its_start_until_its_end(self) -> None:
        on_sale = product()
        assert on_sale.plan_sale(week(), START)
        assert prices(on_sale, 0.99, 1, 7.99, 8) == [REGULAR, REDUCED, REDUCED, REGULAR]
        assert on_sale.sale is None

    def test_takes_effect_at_once_when_its_time_has_come(self) -> None:
        on_sale = product()
        on_sale.plan_sale(Sale(REDUCED, START - DAY), START)
        assert (on_sale.price, on_sale.regular_price) == (REDUCED, REGULAR)

    def test_says_nothing_changed_when_it_is_not_time(self) -> None:
        on_sale = product()
        on_sale.plan_sale(week(), START)
        assert not on_sale.keep_time(START + DAY / 2)

    def test_never_begins_when_the_shop_slept_through_it(self) -> None:
        on_sale = product()
        on_sale.plan_sale(week(), START)
        assert on_sale.keep_time(START + 9 * DAY)
        assert (on_sale.price, on_sale.sale, on_sale.past_prices) == (REGULAR, None, {})

    def test_ends_at_once_when_it_is_taken_back(self) -> None:
        on_sale = product()
        on_sale.plan_sale(Sale(REDUCED, START), START)
        on_sale.plan_sale(None, START + DAY)
        assert (on_sale.price, on_sale.sale) == (REGULAR, None)

    def test_replaces_the_one_that_is_on(self) -> None:
        on_sale = product()
        on_sale.plan_sale(Sale(REDUCED, START), START)
        on_sale.plan_sale(Sale(Money(6_00), START + DAY), START)
        assert on_sale.price == REGULAR
        assert prices(on_sale, 1) == [Money(6_00)]
        assert on_sale.regular_price == REGULAR

    def test_only_moves_the_end_of_the_one_that_is_on(self) -> None:
        on_sale = product()
        on_sale.plan_sale(Sale(REDUCED, START, START + DAY), START)
        on_sale.plan_sale(Sale(REDUCED, START, START + 2 * DAY), START)
        assert on_sale.sale == Sale(REDUCED, START, START + 2 * DAY, REGULAR, REGULAR)


class TestRegularPrice:
    def test_is_what_is_set_while_a_sale_is_on(self) -> None:
        on_sale = product()
        on_sale.plan_sale(Sale(REDUCED, START, START + DAY), START)
        assert on_sale.revise(Fields(price=Money(9_00)), None, START)
        assert (on_sale.price, on_sale.regular_price) == (REDUCED, Money(9_00))
        assert prices(on_sale, 1) == [Money(9_00)]

    def test_ends_a_sale_that_would_be_no_cheaper(self) -> None:
        on_sale = product()
        on_sale.plan_sale(Sale(REDUCED, START), START)
        on_sale.revise(Fields(price=REDUCED), None, START)
        assert (on_sale.price, on_sale.sale) == (REDUCED, None)


class TestLowestPrice:
    def test_is_the_regular_one_of_a_product_that_was_never_cheaper(self) -> None:
        on_sale = product()
        on_sale.plan_sale(Sale(REDUCED, START), START)
        assert on_sale.sale
        assert on_sale.sale.lowest == REGULAR

    def test_counts_a_sale_of_the_thirty_days_before(self) -> None:
        on_sale = product()
        on_sale.plan_sale(Sale(Money(6_00), START, START + DAY), START)
        on_sale.keep_time(START + DAY)
        on_sale.plan_sale(Sale(REDUCED, START + 20 * DAY), START + 20 * DAY)
        assert on_sale.sale
        assert on_sale.sale.lowest == Money(6_00)

    def test_forgets_what_was_longer_ago(self) -> None:
        on_sale = product()
        on_sale.plan_sale(Sale(Money(6_00), START, START + DAY), START)
        on_sale.keep_time(START + DAY)
        on_sale.plan_sale(Sale(REDUCED, START + 40 * DAY), START + 40 * DAY)
        assert on_sale.sale
        assert on_sale.sale.lowest == REGULAR

    def test_is_remembered_once_a_day(self) -> None:
        past: PastPrices = {}
        for hour in range(24 * 90):
            past = with_past(past, Money(100 + hour), START + timedelta(hours=hour))
        assert len(past) == 31
        now = START + timedelta(hours=24 * 90 - 1)
        assert lowest_of(past, Money(10**9), now) == Money(min(past.values()))


class TestErrors:
    def test_names_a_price_that_is_no_reduction(self) -> None:
        wrong = Sale(REGULAR, START).errors(REGULAR, START)
        assert [error.pointer for error in wrong] == ["/price"]

    def test_names_an_end_before_the_start(self) -> None:
        wrong = Sale(REDUCED, START + DAY, START + DAY).errors(REGULAR, START)
        assert [error.pointer for error in wrong] == ["/endsAt"]

    def test_names_an_end_that_has_passed(self) -> None:
        wrong = Sale(REDUCED, START - 2 * DAY, START - DAY).errors(REGULAR, START)
        assert [error.pointer for error in wrong] == ["/endsAt"]
