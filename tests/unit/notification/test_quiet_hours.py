"""Quiet hours, in every zone and over every change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.services.notification.model import QuietHours

ZONES = [
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "UTC",
]
NIGHT = QuietHours(time(22), time(7), "America/New_York")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


quiet_hours = st.builds(
    QuietHours,
    start=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    end=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES),
).filter(lambda quiet: quiet.start != quiet.end)
moments = st.datetimes(
    min_value=datetime(2024, 1, 1),
    max_value=datetime(2031, 1, 1),
    timezones=st.just(UTC),
)


class TestANight:
    @pytest.mark.parametrize(
        ("asked", "sent"),
        [
            ("2026-07-01T15:00", "2026-07-01T15:00"),  # 11:00 in New York
            ("2026-07-02T01:59", "2026-07-02T01:59"),  # 21:59
            ("2026-07-02T02:00", "2026-07-02T11:00"),  # 22:00 -> 07:00
            ("2026-07-02T10:59", "2026-07-02T11:00"),  # 06:59 -> 07:00
            ("2026-07-02T11:00", "2026-07-02T11:00"),  # 07:00
            ("2026-12-02T03:00", "2026-12-02T12:00"),  # 22:00 in winter
        ],
    )
    def test_waits_until_the_customers_morning(self, asked: str, sent: str) -> None:
        assert NIGHT.end_after(utc(asked)) == utc(sent)

    def test_a_siesta_within_one_day_ends_the_same_day(self) -> None:
        siesta = QuietHours(time(13), time(15), "UTC")
        assert siesta.end_after(utc("2026-07-01T14:00")) == utc("2026-07-01T15:00")
        assert not siesta.covers(utc("2026-07-01T16:00"))


class TestChangeOfClocks:
    def test_an_end_that_does_not_exist_is_as_late_as_it_would_have_been(self) -> None:
        quiet = QuietHours(time(22), time(2, 30), "America/New_York")
        assert quiet.end_after(utc("2026-03-08T06:00")) == utc("2026-03-08T07:30")

    def test_an_end_that_does_not_exist_may_run_into_the_next_night(self) -> None:
        nearly_always = QuietHours(time(3), time(2, 30), "America/New_York")
        assert nearly_always.end_after(utc("2026-03-08T06:00")) == utc("2026-03-09T06:30")

    def test_an_end_that_comes_twice_is_never_in_the_past(self) -> None:
        quiet = QuietHours(time(22), time(1, 45), "America/New_York")
        second_time_around = utc("2026-11-01T06:30")
        assert quiet.end_after(second_time_around) == utc("2026-11-01T06:45")


@given(quiet_hours, moments)
def test_what_waits_is_sent_outside_quiet_hours_within_a_day(
    quiet: QuietHours, moment: datetime
) -> None:
    end = quiet.end_after(moment)
    assert not quiet.covers(end)
    assert moment <= end <= moment + timedelta(hours=26)


@given(quiet_hours, moments)
def test_nothing_waits_outside_quiet_hours(quiet: QuietHours, moment: datetime) -> None:
    if not quiet.covers(moment):
        assert quiet.end_after(moment) == moment


@given(quiet_hours, moments)
def test_waiting_ends_only_once(quiet: QuietHours, moment: datetime) -> None:
    end = quiet.end_after(moment)
    assert quiet.end_after(end) == end
