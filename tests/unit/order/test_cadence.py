"""Dates that come again: month ends, leap years, and clocks that are moved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.services.order.model.cadence import (
    LIMITS,
    ORDER_TIME,
    Cadence,
    Unit,
    day_of,
    moment_of,
)

DATES = st.dates(date(2024, 1, 1), date(2099, 12, 31))
ZONES = st.sampled_from(sorted(available_timezones() - {"localtime"}))
CADENCES = st.sampled_from(list(Unit)).flatmap(
    lambda unit: st.integers(1, LIMITS[unit]).map(lambda every: Cadence(every, unit))
)


@pytest.mark.parametrize(
    ("cadence", "anchor", "expected"),
    [
        (Cadence(1, Unit.MONTH), "2026-01-31", "2026-02-28 2026-03-31 2026-04-30 2026-05-31"),
        (Cadence(1, Unit.MONTH), "2028-01-31", "2028-02-29 2028-03-31 2028-04-30 2028-05-31"),
        (Cadence(12, Unit.MONTH), "2028-02-29", "2029-02-28 2030-02-28 2031-02-28 2032-02-29"),
        (Cadence(6, Unit.MONTH), "2026-08-31", "2027-02-28 2027-08-31 2028-02-29 2028-08-31"),
        (Cadence(1, Unit.WEEK), "2027-12-27", "2028-01-03 2028-01-10 2028-01-17 2028-01-24"),
        (Cadence(1, Unit.DAY), "2028-02-28", "2028-02-29 2028-03-01 2028-03-02 2028-03-03"),
    ],
)
def test_comes_on_the_days_that_people_expect(cadence: Cadence, anchor: str, expected: str) -> None:
    start = day = date.fromisoformat(anchor)
    seen = []
    for _ in range(4):
        day = cadence.after(start, day)
        seen.append(day.isoformat())
    assert seen == expected.split()


@given(CADENCES, DATES, st.integers(-400, 4000))
def test_after_is_the_first_date_of_the_series_that_is_later(
    cadence: Cadence, anchor: date, days: int
) -> None:
    day = anchor + timedelta(days=days)
    found = cadence.after(anchor, day)
    assert found > day
    n = next(n for n in range(5000) if cadence.nth(anchor, n) >= found)
    assert cadence.nth(anchor, n) == found
    assert n == 0 or cadence.nth(anchor, n - 1) <= day


@given(st.integers(1, 12), DATES, st.integers(1, 60))
def test_months_keep_the_day_wherever_the_month_has_it(every: int, anchor: date, n: int) -> None:
    found = Cadence(every, Unit.MONTH).nth(anchor, n)
    months = (found.year - anchor.year) * 12 + found.month - anchor.month
    assert months == every * n
    assert found.day == anchor.day or (found + timedelta(days=1)).day == 1


@given(DATES, ZONES)
def test_an_order_is_placed_on_its_own_day_wherever_the_customer_lives(
    day: date, zone: str
) -> None:
    moment = moment_of(day, zone)
    assert moment.tzinfo is UTC
    assert day_of(moment, zone) == day


@given(st.dates(date(2024, 1, 1), date(2037, 12, 31)), ZONES)
def test_an_order_is_placed_when_the_clocks_show_six(day: date, zone: str) -> None:
    assert moment_of(day, zone).astimezone(ZoneInfo(zone)).time() == ORDER_TIME


@given(DATES, ZONES)
def test_the_orders_of_two_days_are_a_day_apart_give_or_take_the_clocks(
    day: date, zone: str
) -> None:
    apart = moment_of(day + timedelta(days=1), zone) - moment_of(day, zone)
    assert timedelta(hours=21) <= apart <= timedelta(hours=27)


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        ("2026-03-07", "America/New_York", "2026-03-07T11:00"),
        ("2026-03-08", "America/New_York", "2026-03-08T10:00"),  # clocks went forward at two
        ("2026-11-01", "America/New_York", "2026-11-01T11:00"),  # clocks went back at two
        ("2026-03-02", "Pacific/Kiritimati", "2026-03-01T16:00"),
        ("2026-03-02", "Asia/Kathmandu", "2026-03-02T00:15"),
    ],
)
def test_the_moment_of_a_day(day: str, zone: str, expected: str) -> None:
    moment = datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert moment_of(date.fromisoformat(day), zone) == moment
