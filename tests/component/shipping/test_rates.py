"""Asking what shipping costs, over HTTP and by the client for neighbours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from kibble.contracts.shipping import WeighedItem
from kibble.kernel.errors import InvalidInput
from tests.component.shipping.carriers import BrokenCarrier, SlowCarrier
from tests.component.shipping.desk import HOME, KIBBLE, LEASH, Desk
from tests.fixtures.doubles import FakeClock

ADDRESS = {"street": "123 Main St", "city": "Anytown", "state": "CA", "zipCode": "94105"}
ITEMS = [{"productId": KIBBLE, "quantity": 2}]
RATES = "/api/shipping/rates"


def asked(**changes: Any) -> dict[str, Any]:
    return {"address": ADDRESS, "items": ITEMS} | changes


class TestRates:
    async def test_lists_every_method_of_every_carrier_the_cheapest_first(self, desk: Desk) -> None:
        answer = await desk.http.post(RATES, asked())
        assert answer.status == 200
        options = answer.json()
        assert {(option["carrier"], option["method"]) for option in options} == {
            ("UPS", "standard"),
            ("UPS", "ups-standard"),
            ("UPS", "ups-expedited"),
            ("UPS", "ups-overnight"),
            ("FedEx", "fedex-standard"),
            ("FedEx", "fedex-expedited"),
            ("FedEx", "fedex-overnight"),
        }
        costs = [option["cost"] for option in options]
        assert costs == sorted(costs)
        assert all(option["currency"] == "USD" for option in options)
        assert all(option["estimatedDelivery"].endswith("Z") for option in options)

    async def test_money_has_two_decimals(self, desk: Desk) -> None:
        answer = await desk.http.post(RATES, asked())
        assert b'"cost":0.00' in answer.body

    async def test_offers_free_shipping_only_where_it_is_the_shops_default(
        self, tmp_path: Path, clock: FakeClock
    ) -> None:
        desk = Desk(tmp_path, clock, default_method="ups-standard")
        options = (await desk.http.post(RATES, asked())).json()
        assert "standard" not in {option["method"] for option in options}
        desk.close()

    async def test_items_cost_what_their_weight_costs(self, desk: Desk) -> None:
        by_items = await desk.http.post(RATES, asked())
        parcels = [{"weightGrams": 28_000}]
        by_parcels = await desk.http.post(RATES, {"address": ADDRESS, "parcels": parcels})
        assert by_items.json() == by_parcels.json()

    async def test_a_zip_code_is_address_enough(self, desk: Desk) -> None:
        answer = await desk.http.post(RATES, asked(address={"zipCode": "94105-1234"}))
        assert answer.status == 200

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"address": ADDRESS | {"zipCode": "00000"}}, "/address/zipCode"),
            ({"address": ADDRESS | {"zipCode": "9410"}}, "/address/zipCode"),
            ({"address": ADDRESS | {"zipCode": "94105; DROP TABLE"}}, "/address/zipCode"),
            ({"address": ADDRESS | {"country": "DE"}}, "/address/country"),
            ({"address": ADDRESS | {"planet": "Earth"}}, "/address/planet"),
            ({"address": {}}, "/address/zipCode"),
            ({"items": []}, "/items"),
            ({"items": [{"productId": KIBBLE, "quantity": 0}]}, "/items/0/quantity"),
            ({"items": [{"productId": KIBBLE, "quantity": 1.5}]}, "/items/0/quantity"),
            ({"items": [*ITEMS, {"productId": "nothing", "quantity": 1}]}, "/items/1/productId"),
            ({"items": [{"productId": KIBBLE, "quantity": 143}]}, "/items"),
            ({"items": None}, "/items"),
            ({"parcels": [{"weightGrams": 100}]}, "/items"),
            ({"items": None, "parcels": [{"weightGrams": 30_001}]}, "/parcels/0/weightGrams"),
            ({"items": None, "parcels": [{"weightGrams": -1}]}, "/parcels/0/weightGrams"),
        ],
    )
    async def test_names_what_is_invalid(
        self, desk: Desk, changes: dict[str, Any], pointer: str
    ) -> None:
        answer = await desk.http.post(RATES, asked(**changes))
        assert answer.status == 400
        assert answer.pointers() == {pointer}

    async def test_says_that_the_zip_code_is_not_known(self, desk: Desk) -> None:
        answer = await desk.http.post(RATES, asked(address=ADDRESS | {"zipCode": "00000"}))
        (error,) = answer.json()["errors"]
        assert error["detail"] == "is not a known ZIP code"


class TestFallback:
    async def test_a_carrier_that_is_down_is_replaced_by_the_built_in_table(
        self, tmp_path: Path, clock: FakeClock, desk: Desk
    ) -> None:
        broken = Desk(
            tmp_path / "b", clock, carriers=[BrokenCarrier("UPS"), BrokenCarrier("FedEx")]
        )
        rates = (await broken.http.post(RATES, asked())).json()
        days = {rate["tableOf"] for rate in rates if rate["method"] != "standard"}
        assert days == {"2026-11-01"}
        assert [rate | {"tableOf": None} for rate in rates] == (
            await desk.http.post(RATES, asked())
        ).json()
        broken.close()

    async def test_a_carrier_that_is_slow_is_not_waited_for(
        self, tmp_path: Path, clock: FakeClock
    ) -> None:
        carriers = [SlowCarrier("UPS"), SlowCarrier("FedEx")]
        slow = Desk(tmp_path, clock, carriers=carriers, rates_seconds=0.05)
        answer = await slow.http.post(RATES, asked())
        assert answer.status == 200
        assert len(answer.json()) == 7
        slow.close()


class TestClient:
    async def test_quotes_what_the_rates_show(self, desk: Desk) -> None:
        for shown in (await desk.http.post(RATES, asked())).json():
            option = await desk.client.quote(shown["method"], HOME, 28_000)
            assert option is not None
            assert option.cost == round(shown["cost"] * 100)
            assert msgspec.to_builtins(option.estimated_delivery) == shown["estimatedDelivery"]

    async def test_lists_the_options_of_weighed_items(self, desk: Desk) -> None:
        items = [WeighedItem(product_id=LEASH, quantity=3, weight_grams=300)]
        options = await desk.client.options(HOME, items)
        assert [option.cost for option in options] == sorted(option.cost for option in options)
        quoted = await desk.client.quote(options[-1].method, HOME, 900)
        assert quoted == options[-1]

    async def test_has_no_quote_for_a_method_that_does_not_exist(self, desk: Desk) -> None:
        assert await desk.client.quote("pigeon", HOME, 1_000) is None

    async def test_points_at_the_neighbours_address_when_the_zip_code_is_unknown(
        self, desk: Desk
    ) -> None:
        nowhere = msgspec.structs.replace(HOME, zip_code="00000")
        with pytest.raises(InvalidInput) as caught:
            await desk.client.quote("ups-standard", nowhere, 1_000)
        assert caught.value.errors[0].pointer == "/shippingAddress/zipCode"


@pytest.mark.parametrize("method", ["pigeon", ""])
def test_refuses_to_start_with_an_unknown_default_method(tmp_path: Path, method: str) -> None:
    with pytest.raises(ValueError, match="no shipping method"):
        Desk(tmp_path, FakeClock(), default_method=method)
