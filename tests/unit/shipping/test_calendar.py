"""Business days and delivery estimates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.services.shipping.model.calendar import (
    add_business_days,
    delivery_time,
    federal_holidays,
    is_business_day,
    pick_up_day,
)

MOMENTS = st.datetimes(
    datetime(2020, 1, 1),
    datetime(2040, 12, 31),
    timezones=st.just(UTC),
)
DAYS = st.integers(0, 10)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
    ],
)
def test_knows_the_federal_holidays_of_2026(day: date) -> None:
    assert not is_business_day(day)


def test_observes_a_holiday_on_a_saturday_on_the_friday_before() -> None:
    assert date(2026, 7, 4).weekday() == 5
    assert not is_business_day(date(2026, 7, 3))
    assert not is_business_day(date(2021, 12, 31)), "New Year 2022 is a Saturday"


def test_observes_a_holiday_on_a_sunday_on_the_monday_after() -> None:
    assert not is_business_day(date(2027, 7, 5))
    assert is_business_day(date(2027, 7, 6))


def test_a_year_has_eleven_holidays() -> None:
    assert all(len(federal_holidays(year)) == 11 for year in range(2021, 2041))


def test_a_weekend_is_no_business_day() -> None:
    assert not is_business_day(date(2026, 3, 7))
    assert not is_business_day(date(2026, 3, 8))
    assert is_business_day(date(2026, 3, 9))


def test_leaves_the_same_day_before_the_cut_off_hour() -> None:
    assert pick_up_day(datetime(2026, 3, 9, 18, 59, tzinfo=UTC)) == date(2026, 3, 9)


def test_leaves_the_next_business_day_from_the_cut_off_hour_on() -> None:
    assert pick_up_day(datetime(2026, 3, 6, 19, 0, tzinfo=UTC)) == date(2026, 3, 9)


def test_skips_weekend_and_holiday_on_the_way() -> None:
    thursday = datetime(2026, 7, 2, 15, tzinfo=UTC)
    assert delivery_time(thursday, 1).date() == date(2026, 7, 6)


@given(MOMENTS, DAYS)
def test_never_arrives_before_it_is_ordered(moment: datetime, days: int) -> None:
    assert delivery_time(moment, days) > moment


@given(MOMENTS, DAYS)
def test_arrives_on_a_business_day(moment: datetime, days: int) -> None:
    assert is_business_day(delivery_time(moment, days).date())


@given(MOMENTS, DAYS)
def test_a_day_more_in_transit_arrives_later(moment: datetime, days: int) -> None:
    assert delivery_time(moment, days) < delivery_time(moment, days + 1)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=30)), DAYS)
def test_ordering_later_never_arrives_earlier(moment: datetime, wait: timedelta, days: int) -> None:
    assert delivery_time(moment, days) <= delivery_time(moment + wait, days)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), DAYS, DAYS)
def test_business_days_add_up(day: date, first: int, second: int) -> None:
    together = add_business_days(day, first + second)
    assert add_business_days(add_business_days(day, first), second) == together
