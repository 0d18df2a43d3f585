"""Who may see and do what, over HTTP."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.component.shipping.desk import EAST, HOME, KIBBLE, LEASH, Desk

STRANGER = "0193c1a0-0000-7000-8000-0000000000cc"
NOBODYS = "0193c1a0-0000-7000-8000-0000000000ff"


class TestTracking:
    async def test_is_open_to_who_has_the_number_and_names_nobody(self, desk: Desk) -> None:
        shipment = await desk.shipment(await desk.ship())
        await desk.pass_days(10)
        answer = await desk.http.get(f"/api/shipping/track/{shipment['trackingNumber'].lower()}")
        assert answer.status == 200
        seen = answer.json()
        assert seen.keys() == {
            "trackingNumber",
            "carrier",
            "status",
            "estimatedDelivery",
            "history",
        }
        assert seen["status"] == "DELIVERED"
        assert [entry["status"] for entry in seen["history"]][:2] == ["LABELLED", "IN_TRANSIT"]
        for word in (HOME.street, HOME.name, HOME.zip_code, HOME.city, shipment["orderId"]):
            assert str(word) not in answer.body.decode()

    @pytest.mark.parametrize("number", ["1Z999AA10123456784", "'--", "%00", "%F0%9F%90%95"])
    async def test_of_an_unknown_number_is_404(self, desk: Desk, number: str) -> None:
        await desk.ship()
        assert (await desk.http.get(f"/api/shipping/track/{number}")).status == 404

    async def test_answers_with_an_etag_that_changes_with_the_parcel(self, desk: Desk) -> None:
        url = f"/api/shipping/track/{(await desk.shipment(await desk.ship()))['trackingNumber']}"
        before = (await desk.http.get(url)).headers["etag"]
        await desk.pass_days(1)
        assert (await desk.http.get(url)).headers["etag"] != before


class TestShipmentsOfAnOrder:
    async def test_are_seen_by_their_customer(self, desk: Desk) -> None:
        order_id = await desk.ship()
        (seen,) = (await desk.customer.get(f"/api/shipping?orderId={order_id}")).json()
        assert seen["orderId"] == order_id
        one = await desk.customer.get(f"/api/shipping/{seen['id']}")
        assert (one.status, one.json()) == (200, seen)

    async def test_are_seen_by_a_guest_with_the_orders_token(self, desk: Desk) -> None:
        order_id = await desk.ship(customer=None)
        guest = desk.http.for_order(order_id)
        assert len((await guest.get(f"/api/shipping?orderId={order_id}")).json()) == 1

    @pytest.mark.parametrize("scope", ["shipping:write", "orders:read"])
    async def test_are_seen_by_staff(self, desk: Desk, scope: str) -> None:
        order_id = await desk.ship()
        staff = desk.http.with_scopes(scope)
        assert len((await staff.get(f"/api/shipping?orderId={order_id}")).json()) == 1

    async def test_do_not_exist_for_anybody_else(self, desk: Desk) -> None:
        order_id = await desk.ship()
        guests_order = await desk.ship(customer=None)
        shipment = await desk.shipment(order_id)
        others = [desk.http.as_customer(STRANGER), desk.http.for_order(guests_order)]
        for other in others:
            assert (await other.get(f"/api/shipping?orderId={order_id}")).json() == []
            assert (await other.get(f"/api/shipping/{shipment['id']}")).status == 404

    async def test_need_a_token(self, desk: Desk) -> None:
        assert (await desk.http.get(f"/api/shipping?orderId={NOBODYS}")).status == 401
        assert (await desk.http.get(f"/api/shipping/{NOBODYS}")).status == 401

    async def test_need_an_order(self, desk: Desk) -> None:
        answer = await desk.staff.get("/api/shipping")
        assert answer.status == 400
        assert answer.pointers() == {"/orderId"}

    async def test_of_an_order_that_does_not_exist_are_none(self, desk: Desk) -> None:
        assert (await desk.staff.get(f"/api/shipping?orderId={NOBODYS}")).json() == []

    @pytest.mark.parametrize("shipment_id", [NOBODYS, "1", "nothing"])
    async def test_one_that_does_not_exist_is_404(self, desk: Desk, shipment_id: str) -> None:
        assert (await desk.staff.get(f"/api/shipping/{shipment_id}")).status == 404


class TestNewShipment:
    def body(self, order_id: str, **changes: Any) -> dict[str, Any]:
        return {"orderId": order_id, "items": [{"productId": LEASH, "quantity": 1}]} | changes

    async def test_is_labelled_at_once(self, desk: Desk) -> None:
        order_id = await desk.ship()
        answer = await desk.staff.post("/api/shipping", self.body(order_id))
        assert answer.status == 201
        made = answer.json()
        assert made["status"] == "LABELLED"
        assert made["trackingNumber"]
        assert (await desk.staff.get(answer.headers["location"])).json() == made
        assert len(await desk.shipments(order_id)) == 2
        assert desk.published()[-1].shipments_total == 2

    async def test_takes_its_own_method_address_and_parcels(self, desk: Desk) -> None:
        order_id = await desk.ship()
        body = self.body(
            order_id,
            items=None,
            parcels=[{"weightGrams": 1_000}, {"weightGrams": 2_000}],
            method="fedex-overnight",
            address={"street": "1 Oak St", "city": "Boston", "state": "MA", "zipCode": "02118"},
        )
        made = (await desk.staff.post("/api/shipping", body)).json()
        assert made["carrier"] == "FedEx"
        assert [parcel["weightGrams"] for parcel in made["parcels"]] == [1_000, 2_000]

    async def test_is_made_once_an_idempotency_key(self, desk: Desk) -> None:
        order_id = await desk.ship()
        key = {"Idempotency-Key": "replacement-1"}
        first = await desk.staff.post("/api/shipping", self.body(order_id), key)
        again = await desk.staff.post("/api/shipping", self.body(order_id), key)
        assert (first.status, again.status) == (201, 201)
        assert again.body == first.body
        other = await desk.staff.post("/api/shipping", self.body(order_id, method="standard"), key)
        assert other.status == 422
        assert len(await desk.shipments(order_id)) == 2

    async def test_needs_an_order_that_was_confirmed(self, desk: Desk) -> None:
        assert (await desk.staff.post("/api/shipping", self.body(NOBODYS))).status == 404

    async def test_is_refused_for_a_cancelled_order(self, desk: Desk) -> None:
        order_id = await desk.ship()
        await desk.cancel(order_id)
        answer = await desk.staff.post("/api/shipping", self.body(order_id))
        assert answer.status == 409
        assert answer.json()["currentStatus"] == "CANCELLED"

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"method": "pigeon"}, "/method"),
            ({"items": None}, "/items"),
            ({"items": [{"productId": NOBODYS, "quantity": 1}]}, "/items/0/productId"),
            ({"address": {"zipCode": "94105"}}, "/address/street"),
            ({"colour": "red"}, "/colour"),
        ],
    )
    async def test_names_what_is_invalid(
        self, desk: Desk, changes: dict[str, Any], pointer: str
    ) -> None:
        order_id = await desk.ship()
        answer = await desk.staff.post("/api/shipping", self.body(order_id, **changes))
        assert answer.status == 400
        assert pointer in answer.pointers()

    async def test_is_for_staff(self, desk: Desk) -> None:
        order_id = await desk.ship()
        assert (await desk.http.post("/api/shipping", self.body(order_id))).status == 401
        assert (await desk.customer.post("/api/shipping", self.body(order_id))).status == 403


class TestLabel:
    async def test_of_each_parcel_is_a_picture(self, desk: Desk) -> None:
        order_id = await desk.ship(allocations=[(KIBBLE, EAST, 3)])
        shipment = await desk.shipment(order_id)
        for number in (1, 2):
            answer = await desk.staff.get(f"/api/shipping/{shipment['id']}/label?parcel={number}")
            assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
            assert Image.open(BytesIO(answer.body)).size == (812, 1218)

    @pytest.mark.parametrize("parcel", ["0", "2", "x", "-1"])
    async def test_of_a_parcel_that_is_not_there_is_400(self, desk: Desk, parcel: str) -> None:
        shipment = await desk.shipment(await desk.ship())
        answer = await desk.staff.get(f"/api/shipping/{shipment['id']}/label?parcel={parcel}")
        assert answer.status == 400
        assert answer.pointers() == {"/parcel"}

    async def test_is_409_before_it_is_bought_and_after_it_is_voided(self, desk: Desk) -> None:
        order_id = await desk.confirm()
        url = f"/api/shipping/{(await desk.shipment(order_id))['id']}/label"
        refused = await desk.staff.get(url)
        assert (refused.status, refused.json()["currentStatus"]) == (409, "REQUESTED")
        await desk.work()
        assert (await desk.staff.get(url)).status == 200
        await desk.cancel(order_id)
        await desk.work()
        assert (await desk.staff.get(url)).status == 409

    async def test_is_for_staff(self, desk: Desk) -> None:
        shipment = await desk.shipment(await desk.ship())
        url = f"/api/shipping/{shipment['id']}/label"
        assert (await desk.http.get(url)).status == 401
        assert (await desk.customer.get(url)).status == 403

    async def test_of_an_unknown_shipment_is_404(self, desk: Desk) -> None:
        assert (await desk.staff.get(f"/api/shipping/{NOBODYS}/label")).status == 404
