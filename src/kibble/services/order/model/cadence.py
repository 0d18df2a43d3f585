"""How often something comes again, in a calendar: whole days of the customer's own time zone."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

ORDER_TIME = time(6)
"""When on its day an order is placed, as the customer's clocks show it: before work, after DST."""


class Unit(Enum):
    """What a cadence counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}
LIMITS = {Unit.DAY: 365, Unit.WEEK: 52, Unit.MONTH: 12}
"""The longest cadence of each unit: a year."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """Every so many days, weeks or months, counted from an anchor.

    Months keep the anchor's day: from January 31 follow February 28 (29 in a leap year), March 31,
    April 30. Counting from the anchor and not from the date before is what keeps the 31st.
    """

    every: int
    unit: Unit

    def nth(self, anchor: date, n: int) -> date:
        """Return the ``n``-th date after ``anchor``, which is the 0th."""
        if self.unit is not Unit.MONTH:
            return anchor + timedelta(days=_DAYS[self.unit] * self.every * n)
        years, month = divmod(anchor.month - 1 + self.every * n, 12)
        year = anchor.year + years
        return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))

    def after(self, anchor: date, day: date) -> date:
        """Return the first date of the series from ``anchor`` on that is later than ``day``."""
        if day < anchor:
            return anchor
        if self.unit is not Unit.MONTH:
            length = _DAYS[self.unit] * self.every
            return anchor + timedelta(days=((day - anchor).days // length + 1) * length)
        months = (day.year - anchor.year) * 12 + day.month - anchor.month
        n = months // self.every
        found = self.nth(anchor, n)
        return found if found > day else self.nth(anchor, n + 1)


def moment_of(day: date, zone: str) -> datetime:
    """Return when an order of ``day`` is placed, in UTC.

    Where clocks skip that time, it is what the clocks would have shown had they not been moved
    (PEP 495, fold 0).
    """
    return datetime.combine(day, ORDER_TIME, ZoneInfo(zone)).astimezone(UTC)


def day_of(moment: datetime, zone: str) -> date:
    """Return which day it is for somebody in ``zone``."""
    return moment.astimezone(ZoneInfo(zone)).date()
