"""When a customer's one e-mail of the day comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class DigestTime:
    """Each day at ``at``, as clocks in ``zone`` (an IANA name that exists) show it.

    A time that clocks skip, as they are put forward, counts as the hour after it; of a time that
    comes twice, the first counts.
    """

    at: time
    zone: str

    def next_after(self, moment: datetime) -> datetime:
        """Return the first such time after ``moment``, in UTC."""
        zone = ZoneInfo(self.zone)
        today = moment.astimezone(zone).date()
        days = (today + timedelta(days=ahead) for ahead in range(3))
        times = (datetime.combine(day, self.at, zone).astimezone(UTC) for day in days)
        return next(due for due in times if due > moment)
