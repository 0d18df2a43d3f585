"""The hour of the e-mail of the day, in every zone and over every change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.services.notification.model import DigestTime
from tests.unit.notification.test_quiet_hours import ZONES, moments, utc

digests = st.builds(
    DigestTime,
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES),
)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-07-01T12:59", "2026-07-01T13:00"),
        ("2026-07-01T13:00", "2026-07-02T13:00"),
        ("2026-10-31T14:00", "2026-11-01T14:00"),  # clocks were put back
        ("2026-03-07T15:00", "2026-03-08T13:00"),  # clocks were put forward
    ],
)
def test_is_the_same_on_the_customers_clocks_all_year(now: str, due: str) -> None:
    assert DigestTime(time(9), "America/New_York").next_after(utc(now)) == utc(due)


def test_that_clocks_skip_comes_an_hour_later() -> None:
    half_past_two = DigestTime(time(2, 30), "America/New_York")
    assert half_past_two.next_after(utc("2026-03-08T06:00")) == utc("2026-03-08T07:30")


def test_that_comes_twice_counts_once() -> None:
    half_past_one = DigestTime(time(1, 30), "America/New_York")
    first = half_past_one.next_after(utc("2026-11-01T04:00"))
    assert (first, half_past_one.next_after(first)) == (
        utc("2026-11-01T05:30"),
        utc("2026-11-02T06:30"),
    )


@given(digest=digests, now=moments)
def test_is_ahead_within_a_day_and_is_what_clocks_show(digest: DigestTime, now: datetime) -> None:
    due = digest.next_after(now)
    assert now < due <= now + timedelta(hours=25)
    local = due.astimezone(ZoneInfo(digest.zone))
    there = datetime.combine(local.date(), digest.at, ZoneInfo(digest.zone))
    assert local.time() == digest.at or there.astimezone(UTC) == due


@given(digest=digests, now=moments)
def test_comes_once_a_calendar_day(digest: DigestTime, now: datetime) -> None:
    zone = ZoneInfo(digest.zone)
    first = digest.next_after(now)
    second = digest.next_after(first)
    assert (second.astimezone(zone).date() - first.astimezone(zone).date()).days == 1
