"""Recent values."""

from __future__ import annotations

from kibble.services.notification.cache import LIFETIME_SECONDS, MAX_VALUES, RecentValues
from tests.fixtures.doubles import FakeClock


async def test_keeps_a_value_for_its_lifetime() -> None:
    clock = FakeClock()
    values = RecentValues[str, int](clock)
    assert values.put("a", 1) == 1
    clock.advance(LIFETIME_SECONDS - 0.1)
    assert await values.get("a") == 1
    clock.advance(0.1)
    assert await values.get("a") is None


async def test_forgets_what_changed() -> None:
    values = RecentValues[str, int](FakeClock())
    values.put("a", 1)
    values.forget("a")
    values.forget("never there")
    assert await values.get("a") is None


async def test_never_holds_more_than_it_may() -> None:
    values = RecentValues[int, int](FakeClock())
    for number in range(MAX_VALUES + 1):
        values.put(number, number)
    assert await values.get(0) is None
    assert await values.get(1) == 1
    values.put(1, 11)
    assert await values.get(MAX_VALUES) == MAX_VALUES
