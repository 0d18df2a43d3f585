"""Quiet hours: when nobody wants to hear from a shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kibble.kernel.personal import Personal

_LONGEST_CHAIN = 3


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` up to, not including, ``end``, each day, as clocks in ``zone`` show it.

    ``start`` after ``end`` spans midnight. ``zone`` is an IANA name that exists.
    """

    start: Personal[time]
    end: Personal[time]
    zone: Personal[str]

    def covers(self, moment: datetime) -> bool:
        """Tell whether ``moment`` is quiet."""
        clock = moment.astimezone(ZoneInfo(self.zone)).time()
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def end_after(self, moment: datetime) -> datetime:
        """Return the first moment from ``moment`` on that is not quiet, in UTC.

        Where clocks are put forward the end may not exist, and the hour after it may be quiet
        again: hence the loop.
        """
        for _ in range(_LONGEST_CHAIN):
            if not self.covers(moment):
                break
            moment = self._next_end(moment)
        return moment

    def _next_end(self, moment: datetime) -> datetime:
        """Return when clocks next show ``end``; of a time that comes twice, the one still ahead."""
        zone = ZoneInfo(self.zone)
        local = moment.astimezone(zone)
        end = datetime.combine(local.date(), self.end, zone)
        if local.time() >= self.end:
            end = datetime.combine(local.date() + timedelta(days=1), self.end, zone)
        if end.astimezone(UTC) <= moment:
            end = end.replace(fold=1)
        return end.astimezone(UTC)
