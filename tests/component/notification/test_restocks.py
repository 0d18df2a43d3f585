"""Waiting for a product that is sold out, and hearing once that it is back."""

from __future__ import annotations

import pytest

from kibble.contracts.address import Address
from kibble.contracts.customer import CustomerErased
from kibble.contracts.inventory import AvailabilityChanged
from kibble.contracts.order import Line, OrderConfirmed
from kibble.contracts.product import ProductDeleted
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.services.notification.model import HEAD_START, MOST_WAITS, SECOND_LOOK
from tests.component.notification.conftest import JANE, JOHN, KIBBLE, ORDER, ROPE, Office
from tests.fixtures.http import Answer

URL = "/api/notifications/back-in-stock"


def customer(number: int) -> CustomerId:
    return CustomerId(f"0193a7f0-0000-7000-8000-{number:012x}")


async def wait(office: Office, who: str, product_id: str = KIBBLE) -> Answer:
    return await office.http.as_customer(who).put(f"{URL}/{product_id}", {})


async def arrive(office: Office, units: int, product_id: ProductId = KIBBLE) -> bytes:
    """Have units arrive, or sell out; return the event that told so."""
    office.shelves.units[product_id] = units
    sealed = office.sealed(AvailabilityChanged(product_id=product_id, available=units))
    await office.consumer.receive(sealed, AvailabilityChanged.topic)
    return sealed


def told(office: Office) -> list[str]:
    """Return who was told, in order, by the number at the end of their ids."""
    rows = office.rows("customer_id, channel, kind")
    assert {kind for _, _, kind in rows} <= {"back_in_stock"}
    return [who[-1] for who, channel, _ in rows if channel == "in_app"]


async def seven_wait(office: Office) -> None:
    for number in range(1, 8):
        assert (await wait(office, customer(number))).status == 200
        office.clock.advance(1)


class TestWaiting:
    async def test_is_shown_and_asked_for_as_often_as_one_likes(self, office: Office) -> None:
        first = await wait(office, JANE)
        office.clock.advance(5)
        assert (await wait(office, JANE)).json() == first.json()
        assert first.json()["productName"] == "Salmon kibble"
        assert (await office.jane.get(URL)).json() == [first.json()]
        assert (await office.http.as_customer(JOHN).get(URL)).json() == []

    async def test_ends_when_the_customer_says_so(self, office: Office) -> None:
        await wait(office, JANE)
        for _ in range(2):
            assert (await office.jane.delete(f"{URL}/{KIBBLE}")).status == 204
        await arrive(office, 5)
        await office.tell()
        assert told(office) == []

    async def test_ends_with_the_purchase_of_that_product_alone(self, office: Office) -> None:
        await wait(office, JANE)
        await wait(office, JANE, ROPE)
        await wait(office, JOHN)
        await office.deliver(confirmed(JANE, KIBBLE))
        assert [w["productId"] for w in (await office.jane.get(URL)).json()] == [ROPE]
        assert len((await office.http.as_customer(JOHN).get(URL)).json()) == 1

    async def test_ends_with_the_product(self, office: Office) -> None:
        await wait(office, JANE)
        await office.deliver(ProductDeleted(product_id=KIBBLE))
        assert (await office.jane.get(URL)).json() == []

    async def test_ends_with_the_customer(self, office: Office) -> None:
        await wait(office, JANE)
        await office.deliver(CustomerErased(customer_id=JANE))
        assert JANE.encode() not in office.everything()

    async def test_is_part_of_what_is_known_of_a_customer(self, office: Office) -> None:
        await wait(office, JANE)
        exported = await office.built.client.export(JANE)
        assert "Salmon kibble" in str(exported["waitsFor"])


class TestNobodyWaits:
    async def test_for_what_is_there(self, office: Office) -> None:
        office.shelves.units[KIBBLE] = 1
        answer = await wait(office, JANE)
        assert (answer.status, answer.json()["code"]) == (409, "in-stock")

    async def test_for_a_bundle_whose_parts_are_what_is_sold_out(self, office: Office) -> None:
        office.shelves.bundles.add(KIBBLE)
        answer = await wait(office, JANE)
        assert (answer.status, answer.json()["code"]) == (409, "no-stock-of-its-own")

    async def test_for_what_is_not_sold(self, office: Office) -> None:
        assert (await wait(office, JANE, ORDER)).status == 404

    async def test_for_everything(self, office: Office) -> None:
        for number in range(MOST_WAITS):
            product_id = ProductId(f"0193a7f0-2222-7000-9000-{number:012x}")
            office.shelves.units[product_id] = 0
            assert (await wait(office, JANE, product_id)).status == 200
        assert (await wait(office, JANE)).json()["code"] == "waiting-for-too-many"


class TestAWave:
    async def test_is_as_many_as_there_are_units_the_first_to_ask_first(
        self, office: Office
    ) -> None:
        await seven_wait(office)
        await arrive(office, 3)
        for _ in range(3):
            await office.tell()
        assert told(office) == ["1", "2", "3"]

    async def test_is_followed_by_the_next_when_units_are_left_after_the_head_start(
        self, office: Office
    ) -> None:
        await seven_wait(office)
        await arrive(office, 3)
        await office.tell()
        office.shelves.units[KIBBLE] = 2
        office.clock.advance(HEAD_START.total_seconds() - 1)
        await office.tell()
        assert told(office) == ["1", "2", "3"]
        office.clock.advance(1)
        await office.tell()
        assert told(office) == ["1", "2", "3", "4", "5"]

    async def test_is_the_last_when_the_product_sells_out(self, office: Office) -> None:
        await seven_wait(office)
        await arrive(office, 3)
        await office.tell()
        await arrive(office, 0)
        office.clock.advance(HEAD_START.total_seconds())
        await office.tell()
        assert told(office) == ["1", "2", "3"]
        await arrive(office, 2)
        await office.tell()
        assert told(office) == ["1", "2", "3", "4", "5"]

    async def test_is_told_once_however_often_its_event_comes(self, office: Office) -> None:
        await seven_wait(office)
        event = await arrive(office, 2)
        for _ in range(3):
            await office.tell()
            await office.consumer.receive(event, AvailabilityChanged.topic)
        assert told(office) == ["1", "2"]

    async def test_tells_everybody_where_there_is_plenty(self, office: Office) -> None:
        for number in range(150):
            await wait(office, customer(number))
        await arrive(office, 1_000)
        for _ in range(3):
            await office.tell()
        assert len(told(office)) == len(set(office.rows("request_id"))) == 150

    async def test_reaches_who_asked_in_the_moment_that_the_product_came_back(
        self, office: Office
    ) -> None:
        await wait(office, JANE)
        office.shelves.units[KIBBLE] = 1
        office.clock.advance(SECOND_LOOK.total_seconds())
        await office.tell()
        assert told(office) == ["1"]

    async def test_comes_a_second_time_to_who_asks_again(self, office: Office) -> None:
        for _ in range(2):
            await wait(office, JANE)
            await arrive(office, 1)
            await office.tell()
            await arrive(office, 0)
        assert told(office) == ["1", "1"]


class TestTheEmail:
    async def test_can_be_ended_with_one_click(self, office: Office) -> None:
        await told_jane(office)
        (mail,) = office.mail.sent
        assert mail.unsubscribe
        assert mail.unsubscribe.startswith("http://localhost:8000/api/notifications/unsubscribe?")
        path = mail.unsubscribe.removeprefix("http://localhost:8000")
        for _ in range(2):
            answer = await office.http.post(path, b"List-Unsubscribe=One-Click", FORM)
            assert answer.status == 204
        await told_jane(office)
        assert len(office.mail.sent) == 1
        assert office.rows()[-2:] == [
            ("email", "SUPPRESSED", "preferences"),
            ("in_app", "SENT", None),
        ]

    async def test_leads_to_a_page_that_ends_it_too(self, office: Office) -> None:
        await told_jane(office)
        (mail,) = office.mail.sent
        assert "http://localhost:8000/unsubscribe#token=" in mail.text
        assert "http://localhost:8000/unsubscribe#token=" in mail.html

    async def test_about_an_order_has_no_such_link(self, office: Office) -> None:
        await office.request("order_shipped")
        await office.send()
        (mail,) = office.mail.sent
        assert mail.unsubscribe is None
        assert "unsubscribe" not in mail.text

    @pytest.mark.parametrize("token", ["none", "a.b.c"])
    async def test_is_not_ended_by_a_token_of_somebody_elses_making(
        self, office: Office, token: str
    ) -> None:
        answer = await office.http.post(f"{ENDING}?token={token}", b"", FORM)
        assert (answer.status, answer.pointers()) == (400, {"/query/token"})

    async def test_is_not_ended_by_a_token_that_is_too_old(self, office: Office) -> None:
        await told_jane(office)
        (mail,) = office.mail.sent
        office.clock.advance(32 * 24 * 3600)
        path = str(mail.unsubscribe).removeprefix("http://localhost:8000")
        assert (await office.http.post(path, b"", FORM)).status == 400


ENDING = "/api/notifications/unsubscribe"
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def told_jane(office: Office) -> None:
    await wait(office, JANE)
    await arrive(office, 1)
    await office.tell()
    await office.send()
    await arrive(office, 0)


def confirmed(customer_id: CustomerId, product_id: ProductId) -> OrderConfirmed:
    line = Line(product_id=product_id, quantity=1, price=1_999, name="Kibble", weight_grams=1)
    return OrderConfirmed(
        order_id=OrderId(ORDER),
        customer_id=customer_id,
        lines=[line],
        allocations=[],
        shipping_address=Address(street="1 St", city="Boston", state="MA", zip_code="02118"),
        shipping_method="Standard",
    )
