"""One e-mail a day, in place of each that advertises."""

from __future__ import annotations

import asyncio

import pytest

from kibble.contracts.customer import CustomerUpdated
from tests.component.notification.conftest import JANE, JOHN, Office

URL = f"/api/notifications/preferences/{JANE}"
DAILY = {"digest": {"at": "18:00", "timeZone": "America/New_York"}}
TO_SIX = 8 * 3600
"""Seconds from the clock's start, ten in the morning in New York, to the digest."""


@pytest.fixture
async def daily(office: Office) -> Office:
    """A shop in which Jane wants one e-mail a day."""
    assert (await office.jane.put(URL, DAILY)).json()["digest"] == DAILY["digest"]
    return office


async def two_offers(office: Office) -> None:
    await office.request("promotion", facts={"offer": "All for cats", "code": "CATS"})
    await office.request("price_drop", facts={"productName": "Rope", "price": "4.00"})


async def all_work(office: Office) -> None:
    await office.write_digests()
    await office.send()


class TestTheEmailOfTheDay:
    async def test_holds_what_was_collected_since_the_last(self, daily: Office) -> None:
        await two_offers(daily)
        await all_work(daily)
        assert daily.mail.sent == []
        daily.clock.advance(TO_SIX)
        for _ in range(3):
            await all_work(daily)
        (mail,) = daily.mail.sent
        assert mail.subject == "2 things for you today"
        assert "All for cats. Use the code CATS" in mail.text
        assert "Rope costs $4.00 now" in mail.text
        assert mail.unsubscribe
        assert daily.rows()[0] == ("email", "SUPPRESSED", "digest")
        daily.clock.advance(24 * 3600)
        await daily.request("promotion", facts={})
        await all_work(daily)
        assert len(daily.mail.sent) == 1

    async def test_of_one_thing_counts_as_people_do_in_each_language(self, daily: Office) -> None:
        await daily.deliver(CustomerUpdated(customer_id=JANE, language="es"))
        await daily.request("promotion", facts={})
        daily.clock.advance(TO_SIX)
        await all_work(daily)
        assert daily.mail.sent[0].subject == "1 novedad para ti hoy"

    async def test_does_not_hold_up_orders_the_inbox_or_others(self, daily: Office) -> None:
        await daily.request("order_shipped")
        await daily.request("promotion", facts={}, customer_id=JOHN)
        await daily.request("promotion", facts={})
        await all_work(daily)
        assert len(daily.mail.sent) == 2
        assert len((await daily.jane.get("/api/notifications")).json()) == 2

    async def test_waits_for_the_end_of_quiet_hours(self, daily: Office) -> None:
        quiet = {"start": "17:00", "end": "19:00", "timeZone": "America/New_York"}
        await daily.jane.put(URL, {**DAILY, "quietHours": quiet})
        await two_offers(daily)
        daily.clock.advance(TO_SIX)
        await all_work(daily)
        assert daily.mail.sent == []
        daily.clock.advance(3600)
        await all_work(daily)
        assert len(daily.mail.sent) == 1

    async def test_leaves_out_what_is_no_longer_wanted(self, daily: Office) -> None:
        await two_offers(daily)
        await daily.jane.put(URL, {**DAILY, "types": {"promotion": {"email": False}}})
        daily.clock.advance(TO_SIX)
        await all_work(daily)
        (mail,) = daily.mail.sent
        assert mail.subject == "1 thing for you today"
        assert ("email", "SUPPRESSED", "preferences") in daily.rows()

    async def test_is_not_written_for_who_ended_it(self, daily: Office) -> None:
        await two_offers(daily)
        await daily.jane.put(URL, {**DAILY, "types": {"digest": {"email": False}}})
        daily.clock.advance(TO_SIX)
        await all_work(daily)
        assert daily.mail.sent == []

    async def test_is_one_when_two_write_it_at_once(self, daily: Office) -> None:
        await two_offers(daily)
        daily.clock.advance(TO_SIX)
        await asyncio.gather(daily.write_digests(), daily.write_digests())
        await daily.send()
        assert len(daily.mail.sent) == 1

    async def test_needs_a_zone_that_there_is(self, office: Office) -> None:
        answer = await office.jane.put(URL, {"digest": {"at": "18:00", "timeZone": "Mars/Base"}})
        assert (answer.status, answer.pointers()) == (400, {"/digest/timeZone"})

    async def test_is_nothing_that_staff_can_send(self, office: Office) -> None:
        body = {"customerId": JANE, "type": "digest", "data": {}}
        assert (await office.staff.post("/api/notifications", body)).status == 400
