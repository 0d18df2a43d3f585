from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.clock import from_text, to_text

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=zones)


def test_writes_rfc_3339_in_utc_with_microseconds() -> None:
    moment = datetime(2024, 6, 10, 14, 0, 0, 50, tzinfo=timezone(timedelta(hours=2)))
    assert to_text(moment) == "2024-06-10T12:00:00.000050Z"


@given(moments)
def test_reads_what_it_wrote(moment: datetime) -> None:
    read = from_text(to_text(moment))
    assert read == moment
    assert read.tzinfo == UTC


@given(moments, moments)
def test_texts_sort_by_time(first: datetime, second: datetime) -> None:
    assert (to_text(first) < to_text(second)) == (first < second)
