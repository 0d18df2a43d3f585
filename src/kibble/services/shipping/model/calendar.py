"""Business days of the United States, and when a parcel would arrive.

Days are counted in UTC, with a cut-off hour in UTC: a parcel ordered in the American evening
belongs to the next UTC day, which is after the cut-off either way.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

CUT_OFF_HOUR = 19
"""Orders before this hour (UTC; 14 or 15 o'clock in New York) leave the same business day."""

DELIVERY_HOUR = 22
"""Parcels are with the customer by this hour (UTC) of their day."""

_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[date]:
    """Return the days of ``year`` on which a federal holiday falls (5 U.S.C. 6103)."""
    return frozenset(
        {
            date(year, 1, 1),
            _nth(year, 1, _MONDAY, 3),
            _nth(year, 2, _MONDAY, 3),
            _nth(year, 6, _MONDAY, 1) - timedelta(weeks=1),
            date(year, 6, 19),
            date(year, 7, 4),
            _nth(year, 9, _MONDAY, 1),
            _nth(year, 10, _MONDAY, 2),
            date(year, 11, 11),
            _nth(year, 11, _THURSDAY, 4),
            date(year, 12, 25),
        }
    )


def is_business_day(day: date) -> bool:
    """Tell whether carriers work: no weekend, no federal holiday or the day it is observed.

    A holiday on a Saturday is observed on the Friday before, one on a Sunday on the Monday after.
    """
    if day.weekday() >= _SATURDAY or day in federal_holidays(day.year):
        return False
    before, after = day - _ONE_DAY, day + _ONE_DAY
    observed_for_sunday = before.weekday() == _SUNDAY and before in federal_holidays(before.year)
    observed_for_saturday = after.weekday() == _SATURDAY and after in federal_holidays(after.year)
    return not (observed_for_sunday or observed_for_saturday)


def next_business_day(day: date) -> date:
    """Return the first business day after ``day``."""
    day += _ONE_DAY
    while not is_business_day(day):
        day += _ONE_DAY
    return day


@lru_cache(maxsize=4096)
def add_business_days(day: date, days: int) -> date:
    """Return the business day that comes ``days`` business days after ``day``."""
    for _ in range(days):
        day = next_business_day(day)
    return day


def pick_up_day(moment: datetime) -> date:
    """Return the business day on which a parcel ordered at ``moment`` leaves."""
    moment = moment.astimezone(UTC)
    day = moment.date()
    if moment.hour < CUT_OFF_HOUR and is_business_day(day):
        return day
    return next_business_day(day)


def delivery_time(moment: datetime, days: int) -> datetime:
    """Return when a parcel ordered at ``moment`` arrives, ``days`` business days in transit."""
    day = add_business_days(pick_up_day(moment), days)
    return datetime.combine(day, time(DELIVERY_HOUR), UTC)


def start_without_a_weekend(moment: datetime, days: int) -> datetime:
    """Return from when a parcel may leave that no day without work is to hold up on its way.

    That is ``moment`` itself where ``days`` in transit (4 at most) follow one another from its
    pick-up, else the first moment of the first day from which they do.
    """
    day = pick_up_day(moment)
    first = day
    while (add_business_days(day, days) - day).days != days:
        day = next_business_day(day)
    return moment if day == first else datetime.combine(day, time(), UTC)


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=n - 1)
