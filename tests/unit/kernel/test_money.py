from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.money import MAX_MINOR, Money, to_decimal, to_minor, total

minors = st.integers(-MAX_MINOR, MAX_MINOR)
weights = st.lists(st.integers(0, 10**12), min_size=1, max_size=30)


class TestArithmetic:
    def test_adds_and_subtracts_amounts_of_one_currency(self) -> None:
        assert Money(2999) + Money(1) - Money(500) == Money(2500)

    def test_multiplies_by_a_quantity(self) -> None:
        assert Money(1049, "EUR") * 3 == Money(3147, "EUR")

    def test_compares_amounts(self) -> None:
        assert Money(100) < Money(101)

    def test_is_false_only_when_it_is_zero(self) -> None:
        assert not Money(0)
        assert Money(-1)

    def test_refuses_to_mix_two_currencies(self) -> None:
        with pytest.raises(ValueError, match="cannot mix USD and EUR"):
            Money(1) + Money(1, "EUR")
        with pytest.raises(ValueError, match="cannot mix EUR and USD"):
            Money(1, "EUR") - Money(1)

    def test_sums_nothing_to_zero_of_the_currency(self) -> None:
        assert total([], "EUR") == Money(0, "EUR")

    @given(st.lists(minors))
    def test_sums_many_amounts(self, amounts: list[int]) -> None:
        assert total(map(Money, amounts)) == Money(sum(amounts))


class TestPercentage:
    @pytest.mark.parametrize(
        ("minor", "basis_points", "share"),
        [
            (1000, 700, 70),
            (1999, 825, 165),  # 164.92
            (50, 100, 1),  # 0.5, half rounded up
            (49, 100, 0),
            (12345, 0, 0),
            (12345, 10_000, 12345),
        ],
    )
    def test_rounds_half_a_cent_up(self, minor: int, basis_points: int, share: int) -> None:
        assert Money(minor).percentage(basis_points) == Money(share)

    @given(st.integers(0, MAX_MINOR), st.integers(0, 10_000))
    def test_is_never_more_than_the_whole(self, minor: int, basis_points: int) -> None:
        assert Money(0) <= Money(minor).percentage(basis_points) <= Money(minor)


class TestSplit:
    def test_gives_the_cents_that_do_not_divide_to_the_largest_remainders(self) -> None:
        assert [part.minor for part in Money(100).split([1, 1, 1])] == [34, 33, 33]
        assert [part.minor for part in Money(10).split([15, 25, 60])] == [2, 2, 6]

    def test_counts_weights_that_are_all_zero_as_equal(self) -> None:
        assert [part.minor for part in Money(5).split([0, 0])] == [3, 2]

    def test_splits_a_debt_as_it_splits_an_amount(self) -> None:
        debt = [part.minor for part in Money(-100).split([1, 2, 4])]
        assert debt == [-part.minor for part in Money(100).split([1, 2, 4])]

    @pytest.mark.parametrize("bad", [[], [1, -1]])
    def test_refuses_no_weights_and_negative_ones(self, bad: list[int]) -> None:
        with pytest.raises(ValueError, match="weights"):
            Money(100).split(bad)

    @given(minors, weights)
    def test_always_sums_back(self, minor: int, shares: list[int]) -> None:
        parts = Money(minor, "EUR").split(shares)
        assert len(parts) == len(shares)
        assert total(parts, "EUR") == Money(minor, "EUR")

    @given(minors, weights)
    def test_gives_every_part_its_share_to_within_a_cent(
        self, minor: int, shares: list[int]
    ) -> None:
        whole = sum(shares)
        for part, share in zip(Money(minor).split(shares), shares, strict=True):
            if whole:
                assert abs(part.minor * whole - minor * share) < whole

    @given(st.integers(0, MAX_MINOR), weights)
    def test_gives_no_part_the_other_sign(self, minor: int, shares: list[int]) -> None:
        assert min(Money(minor).split(shares)) >= Money(0)


class TestDecimals:
    @pytest.mark.parametrize(
        ("minor", "text"), [(2999, "29.99"), (0, "0.00"), (5, "0.05"), (-120, "-1.20")]
    )
    def test_always_shows_two_decimals(self, minor: int, text: str) -> None:
        assert str(Money(minor).decimal) == text

    @pytest.mark.parametrize(
        ("amount", "minor"),
        [
            (Decimal("29.99"), 2999),
            (30, 3000),
            ("0.5", 50),
            ("1e2", 10_000),
            (Decimal("10.500"), 1050),
            ("99999999.99", MAX_MINOR),
        ],
    )
    def test_reads_amounts_of_major_units(self, amount: Decimal | int | str, minor: int) -> None:
        assert to_minor(amount) == minor

    @pytest.mark.parametrize(
        ("amount", "problem"),
        [
            ("", "not a number"),
            ("ten", "not a number"),
            ("NaN", "not a number"),
            ("sNaN", "not a number"),
            ("Infinity", "not a number"),
            ("1e999999999", "not a number"),
            ("0.001", "two decimals"),
            ("29.999", "two decimals"),
            ("1e-999999", "two decimals"),
            ("100000000", "between"),
            (10**40, "between"),
        ],
    )
    def test_refuses_what_is_no_amount(self, amount: Decimal | int | str, problem: str) -> None:
        with pytest.raises(ValueError, match=problem):
            to_minor(amount)

    @given(minors)
    def test_survives_the_way_to_a_decimal_and_back(self, minor: int) -> None:
        assert to_minor(to_decimal(minor)) == minor
        assert to_minor(str(to_decimal(minor))) == minor
