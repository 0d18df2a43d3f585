"""What spoils, and what may not fly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.services.shipping.model.calendar import (
    add_business_days,
    delivery_time,
    pick_up_day,
    start_without_a_weekend,
)
from kibble.services.shipping.model.handling import (
    COLD_DAYS,
    Handling,
    hastened,
    leaves_at,
    method_for,
    strictest,
    way_of,
)
from kibble.services.shipping.model.tariff import METHODS, Method, method_of

MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
ZONES = st.integers(2, 9)
METHOD = st.sampled_from([*METHODS.values()])


@given(METHOD, st.sampled_from(Handling), ZONES)
def test_what_is_hazardous_never_flies(method: object, handling: Handling, zone: int) -> None:
    way = way_of(method, handling, zone)  # type: ignore[arg-type]  # one of the methods
    assert not (handling.is_hazardous and way.by_air)


@given(METHOD, ZONES)
def test_what_spoils_goes_by_what_takes_two_days_at_most_where_there_is_such(
    method: object, zone: int
) -> None:
    way = method_for(method, Handling.COLD, zone)  # type: ignore[arg-type]  # one of the methods
    assert way is not None
    assert way.days(zone) <= COLD_DAYS


def test_what_suits_is_left_as_it_is() -> None:
    assert method_for(method_of("ups-standard"), Handling.COLD, 2) is method_of("ups-standard")
    assert method_for(method_of("ups-standard"), Handling.PLAIN, 8) is method_of("ups-standard")


def test_the_slowest_that_suits_takes_the_place_of_what_does_not() -> None:
    assert method_for(method_of("ups-standard"), Handling.COLD, 6) is method_of("ups-expedited")
    overnight = method_of("fedex-overnight")
    assert method_for(overnight, Handling.HAZARDOUS, 6) is method_of("fedex-standard")


def test_nothing_suits_what_spoils_and_may_not_fly_far() -> None:
    ground = method_of("ups-standard")
    assert method_for(ground, Handling.COLD_HAZARDOUS, 8) is None
    assert method_for(ground, Handling.COLD_HAZARDOUS, 2) is ground
    assert way_of(ground, Handling.COLD_HAZARDOUS, 8) is ground


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(lambda d: d.replace(tzinfo=UTC)),
    st.integers(1, COLD_DAYS),
)
def test_what_spoils_is_never_on_its_way_on_a_day_without_work(moment: datetime, days: int) -> None:
    start = leaves_at(moment, Handling.COLD, days)
    picked_up = pick_up_day(start)
    assert add_business_days(picked_up, days) == picked_up + timedelta(days=days)
    # At most this long: a holiday on the Wednesday after a Thursday leaves two weekends between.
    assert moment <= start <= moment + timedelta(days=12)


@pytest.mark.parametrize(
    ("days_later", "days", "arrives"),
    [(0, 2, 4), (2, 2, 6), (3, 2, 11), (4, 1, 10), (3, 1, 6)],
    ids=["Monday", "Wednesday", "Thursday", "Friday", "Thursday, overnight"],
)
def test_a_weekend_is_waited_for(days_later: int, days: int, arrives: int) -> None:
    start = start_without_a_weekend(MONDAY + timedelta(days=days_later), days)
    assert delivery_time(start, days).day == arrives


CHRISTMAS = datetime(2030, 12, 19, 15, tzinfo=UTC)
EXPEDITED, OVERNIGHT = method_of("ups-expedited"), method_of("ups-overnight")


def test_what_spoils_goes_overnight_where_two_days_would_make_it_wait_for_weeks() -> None:
    """In 2030 Christmas and New Year are Wednesdays, between weekends."""
    assert leaves_at(CHRISTMAS, Handling.COLD, 2) - CHRISTMAS > timedelta(days=17)
    assert hastened(EXPEDITED, Handling.COLD, 6, CHRISTMAS) is OVERNIGHT
    assert leaves_at(CHRISTMAS, Handling.COLD, OVERNIGHT.days(6)) == CHRISTMAS
    assert hastened(EXPEDITED, Handling.PLAIN, 6, CHRISTMAS) is EXPEDITED


def test_a_weekend_alone_hastens_nothing() -> None:
    for hours in range(7 * 24):
        asked_at = MONDAY + timedelta(hours=hours)
        assert hastened(EXPEDITED, Handling.COLD, 6, asked_at) is EXPEDITED


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1)).map(lambda d: d.replace(tzinfo=UTC)),
    st.sampled_from([method for method in METHODS.values() if method.days(6) <= COLD_DAYS]),
)
def test_what_spoils_waits_for_a_week_at_most(moment: datetime, method: Method) -> None:
    way = hastened(method, Handling.COLD, 6, moment)
    assert way.carrier == method.carrier
    assert leaves_at(moment, Handling.COLD, way.days(6)) - moment <= timedelta(days=7)


def test_what_may_not_fly_is_not_hastened() -> None:
    ground = method_of("ups-standard")
    assert hastened(ground, Handling.COLD_HAZARDOUS, 3, CHRISTMAS) is ground


def test_what_is_plain_leaves_at_once() -> None:
    friday = MONDAY + timedelta(days=4)
    assert (
        leaves_at(friday, Handling.PLAIN, 2) == leaves_at(friday, Handling.HAZARDOUS, 2) == friday
    )


def test_of_several_the_strictest_counts() -> None:
    assert strictest([Handling.PLAIN, Handling.COLD]) is Handling.COLD
    assert strictest([Handling.HAZARDOUS, Handling.COLD]) is Handling.COLD_HAZARDOUS
    assert strictest([]) is Handling.PLAIN
