"""A sale price: what a product costs for a while, and what it cost in the days before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kibble.kernel.errors import FieldError
from kibble.kernel.money import Money

REMEMBERED = timedelta(days=30)
"""How far back the lowest price is told beside a reduced one (EU directive 98/6/EC, article 6a)."""


@dataclass(frozen=True, slots=True)
class Sale:
    """A lower price from one moment on, up to (not including) another; None has no end.

    While it is on, ``regular`` is what the product costs otherwise, and ``lowest`` the least that
    it cost in the 30 days before; before that both are None.
    """

    price: Money
    starts_at: datetime
    ends_at: datetime | None = None
    regular: Money | None = None
    lowest: Money | None = None

    @property
    def due(self) -> datetime | None:
        """When its next step is to be taken: the start, then the end."""
        return self.starts_at if self.regular is None else self.ends_at

    def is_over(self, now: datetime) -> bool:
        """Tell whether its end has come."""
        return self.ends_at is not None and self.ends_at <= now

    def errors(self, regular: Money, now: datetime) -> Iterator[FieldError]:
        """Yield what is wrong with it for a product that costs ``regular``."""
        if self.price.minor < 0 or self.price >= regular:
            yield FieldError("/price", f"must be below the regular price, {regular.decimal}")
        if self.ends_at is not None and self.ends_at <= max(self.starts_at, now):
            yield FieldError("/endsAt", "must be later than its start, and than now")


PastPrices = Mapping[str, int]
"""The lowest price, in minor units, that was given up on each day (UTC, ISO 8601)."""


def with_past(past: PastPrices, price: Money, now: datetime) -> PastPrices:
    """Return past prices with one that holds no longer; what is too old to be told goes."""
    today, oldest = now.date().isoformat(), _oldest(now)
    kept = {day: lowest for day, lowest in past.items() if day >= oldest}
    return kept | {today: min(price.minor, kept.get(today, price.minor))}


def lowest_of(past: PastPrices, price: Money, now: datetime) -> Money:
    """Return the lowest price of the 30 days before ``now``, at which it was ``price``."""
    oldest = _oldest(now)
    given_up = (lowest for day, lowest in past.items() if day >= oldest)
    return Money(min([price.minor, *given_up]), price.currency)


def _oldest(now: datetime) -> str:
    return (now - REMEMBERED).date().isoformat()
