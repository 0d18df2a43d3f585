"""Shipping with UPS and FedEx, against accounts in memory that have faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from kibble.kernel.ids import ProductId
from kibble.platform.config import read_settings
from kibble.platform.engines.outside import Credentials
from kibble.services.shipping.adapters.choice import choose
from kibble.services.shipping.adapters.fedex import FedExCarrier
from kibble.services.shipping.adapters.sender import pounds, read_sender
from kibble.services.shipping.adapters.ups import UpsCarrier
from kibble.services.shipping.adapters.zip_table import read_zip_table
from kibble.services.shipping.model.zones import ZoneMap
from tests.component.shipping.desk import EAST, KIBBLE, LEASH, Desk
from tests.fixtures.doubles import FakeClock
from tests.fixtures.providers.carriers import (
    ACCOUNT,
    CLIENT,
    PASSWORD,
    SECRET,
    FakeCarrier,
    FakeFedEx,
    FakeUps,
)
from tests.fixtures.providers.server import Fault

Account: TypeAlias = FakeUps | FakeFedEx

SENDER = "Kibble; 1 Dock Rd; Columbus; OH; 43215; 6145550100"
SCANS = {
    "UPS": ("I", "O", "X", "D"),
    "FedEx": ("IT", "OD", "DE", "DL"),
}
IN_TRANSIT, OUT, FAILED, DELIVERED = range(4)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=[FakeUps, FakeFedEx], ids=["UPS", "FedEx"])
async def account(request: pytest.FixtureRequest, clock: FakeClock) -> AsyncIterator[Account]:
    """An account with each carrier in turn."""
    double: Account = request.param(clock)
    await double.start()
    yield double
    await double.stop()


def adapter(
    account: FakeCarrier, clock: FakeClock, password: str = PASSWORD
) -> UpsCarrier | FedExCarrier:
    """Return the carrier as the shop knows it."""
    zones, sender = ZoneMap(read_zip_table(), "43215"), read_sender(SENDER)
    if isinstance(account, FakeUps):
        headers = {"x-merchant-id": ACCOUNT}
        signing_in = Credentials(CLIENT, password, "/security/v1/oauth/token", headers=headers)
        return UpsCarrier(
            signing_in, ACCOUNT, SECRET, sender, zones=zones, clock=clock, url=account.url
        )
    signing_in = Credentials(CLIENT, password, "/oauth/token", in_form=True)
    return FedExCarrier(
        signing_in, ACCOUNT, SECRET, sender, zones=zones, clock=clock, url=account.url
    )


@pytest.fixture
async def desk(tmp_path: Path, account: Account, clock: FakeClock) -> AsyncIterator[Desk]:
    """Shipping whose only carrier is the one of the account."""
    carrier = adapter(account, clock)
    method = f"{carrier.name.lower()}-standard"
    desk = Desk(tmp_path, clock, carriers=[carrier], default_method=method)
    yield desk
    desk.close()
    await carrier.close()


def name_of(account: Account) -> str:
    return "UPS" if isinstance(account, FakeUps) else "FedEx"


async def shipped(
    desk: Desk, account: Account, product_id: ProductId = KIBBLE, quantity: int = 1
) -> dict[str, Any]:
    """Confirm an order, and have its label bought; return its shipment."""
    method = f"{name_of(account).lower()}-standard"
    order_id = await desk.ship(allocations=[(product_id, EAST, quantity)], method=method)
    return await desk.shipment(order_id)


class TestRates:
    """What the account pays, for what the carrier offers."""

    async def ask(self, desk: Desk, **more: object) -> list[dict[str, object]]:
        body = {"address": {"zipCode": "94105"}, "items": [{"productId": KIBBLE, "quantity": 1}]}
        answer = await desk.http.post("/api/shipping/rates", body | more)
        rates: list[dict[str, object]] = answer.json()
        return rates

    async def test_are_those_of_the_account(self, desk: Desk, account: Account) -> None:
        rates = await self.ask(desk)
        assert [rate["cost"] for rate in rates] == [8.15, 15.2]
        assert all(rate["tableOf"] is None for rate in rates)

    async def test_come_from_the_table_with_its_day_while_the_carrier_is_away(
        self, desk: Desk, account: Account
    ) -> None:
        account.faults.planned = [None, Fault.REFUSED]
        rates = await self.ask(desk)
        assert len(rates) == 3
        assert {rate["tableOf"] for rate in rates} == {"2026-11-01"}

    async def test_sign_in_once(self, desk: Desk, account: Account) -> None:
        for _ in range(3):
            await self.ask(desk)
        assert sum(n for call, n in account.calls.items() if "oauth" in call) == 1


class TestLabels:
    """A label is bought, kept to be printed, and voided when it is not needed."""

    async def test_are_bought_and_kept(self, desk: Desk, account: Account) -> None:
        shipment = await shipped(desk, account)
        assert shipment["trackingNumber"] == next(iter(account.sold))
        printed = await desk.staff.get(f"/api/shipping/{shipment['id']}/label")
        assert (printed.status, printed.body) == (200, b"a label")
        kind = "image/png" if name_of(account) == "UPS" else "application/pdf"
        assert printed.headers["content-type"] == kind

    async def test_are_there_for_each_parcel(self, desk: Desk, account: Account) -> None:
        shipment = await shipped(desk, account, KIBBLE, 3)
        path = f"/api/shipping/{shipment['id']}/label"
        assert (await desk.staff.get(f"{path}?parcel=2")).body == b"a label"
        assert (await desk.staff.get(f"{path}?parcel=3")).status == 400

    async def test_are_dropped_once_the_carrier_has_the_parcel(
        self, desk: Desk, account: Account
    ) -> None:
        shipment = await shipped(desk, account)
        account.move(shipment["trackingNumber"], SCANS[name_of(account)][IN_TRANSIT], "Went")
        await desk.pass_days(1)
        before = account.calls.total()
        answer = await desk.staff.get(f"/api/shipping/{shipment['id']}/label")
        # UPS is asked for it anew; FedEx sends a label once.
        asked = account.calls.total() - before
        assert (answer.status, asked) == ((200, 1) if name_of(account) == "UPS" else (409, 0))

    async def test_are_bought_once_though_an_answer_was_lost(
        self, desk: Desk, account: Account
    ) -> None:
        is_found_again = name_of(account) == "UPS"
        account.faults.planned = [*[None] * (2 if is_found_again else 1), Fault.LOST]
        shipment = await shipped(desk, account)
        assert shipment["trackingNumber"] is None
        await desk.pass_days(1)
        # FedEx finds no label by a reference, and bills none that it never scans: see its adapter.
        assert len(account.sold) == (1 if is_found_again else 2)
        again = await desk.shipment(shipment["orderId"])
        assert again["trackingNumber"] == list(account.sold)[-1]

    async def test_are_voided_when_the_order_is_cancelled(
        self, desk: Desk, account: Account
    ) -> None:
        shipment = await shipped(desk, account)
        account.faults.planned = [Fault.LOST]
        await desk.cancel(shipment["orderId"])
        await desk.pass_days(1)
        assert account.voided == [shipment["trackingNumber"]]
        voided = await desk.shipment(shipment["orderId"])
        assert voided["status"] == "VOIDED"

    async def test_stay_when_the_carrier_was_faster(self, desk: Desk, account: Account) -> None:
        shipment = await shipped(desk, account)
        account.move(shipment["trackingNumber"], SCANS[name_of(account)][IN_TRANSIT], "Went")
        await desk.cancel(shipment["orderId"])
        await desk.work()
        travels = await desk.shipment(shipment["orderId"])
        assert (travels["status"], account.voided) == ("IN_TRANSIT", [])

    async def test_name_who_sends_and_who_gets(self, desk: Desk, account: Account) -> None:
        await shipped(desk, account, LEASH)
        sent = str(account.asked[-1])
        for told in ("1 Dock Rd", "Ann Example", "123 Main St", "94105", "0.7"):
            assert told in sent


class TestTracking:
    """The parcel is followed by the carrier's scans, and looked at when it tells of one."""

    async def test_follows_the_scans(self, desk: Desk, account: Account) -> None:
        shipment = await shipped(desk, account)
        kinds = SCANS[name_of(account)]
        for step in (IN_TRANSIT, OUT, FAILED, OUT, DELIVERED):
            account.move(shipment["trackingNumber"], kinds[step], f"Step {step}")
        await desk.pass_days(1)
        answer = await desk.http.get(f"/api/shipping/track/{shipment['trackingNumber']}")
        seen = [(scan["status"], scan["place"]) for scan in answer.json()["history"][1:]]
        place = "COLUMBUS, OH"
        assert seen == [
            ("IN_TRANSIT", place),
            ("OUT_FOR_DELIVERY", place),
            ("EXCEPTION", place),
            ("OUT_FOR_DELIVERY", place),
            ("DELIVERED", place),
        ]

    async def test_takes_over_a_new_estimate(self, desk: Desk, account: Account) -> None:
        shipment = await shipped(desk, account)
        account.move(shipment["trackingNumber"], SCANS[name_of(account)][IN_TRANSIT], "Went")
        await desk.pass_days(1)
        later = await desk.shipment(shipment["orderId"])
        told = datetime.fromisoformat(str(later["estimatedDelivery"])).astimezone(UTC)
        assert told.date().isoformat() == "2026-03-02"

    async def test_looks_at_once_when_the_carrier_tells_of_a_scan(
        self, desk: Desk, account: Account
    ) -> None:
        shipment = await shipped(desk, account)
        number = shipment["trackingNumber"]
        account.move(number, SCANS[name_of(account)][DELIVERED], "There")
        hook = f"/api/shipping/webhooks/{name_of(account).lower()}"
        body = account.alert(number)
        for _ in range(2):
            answer = await desk.http.send("POST", hook, body, account.signed(body))
            assert answer.status == 204
            await desk.work()
        there = await desk.shipment(shipment["orderId"])
        assert there["status"] == "DELIVERED"

    async def test_believes_nobody_else(self, desk: Desk, account: Account) -> None:
        hook = f"/api/shipping/webhooks/{name_of(account).lower()}"
        body = account.alert("1Z")
        plain = {"content-type": "application/json"}
        for headers in (plain, account.signed(body, "a forger's")):
            assert (await desk.http.send("POST", hook, body, headers)).status == 400
        unknown = await desk.http.send("POST", hook, body, account.signed(body))
        assert unknown.status == 204


class TestTheStart:
    """Wrong credentials are told when the shop starts."""

    async def test_names_the_settings_that_the_carrier_does_not_accept(
        self, account: Account, clock: FakeClock
    ) -> None:
        carrier = adapter(account, clock, "wrong")
        named = f"KIBBLE_{name_of(account).upper()}_CLIENT_SECRET"
        with pytest.raises(ValueError, match=named):
            await carrier.check()
        await carrier.close()

    @pytest.mark.parametrize("carrier", ["ups", "fedex"])
    @pytest.mark.parametrize(
        ("part", "value", "sentence"),
        [
            ("client_id", "", "KIBBLE_{}_CLIENT_ID is missing"),
            ("client_secret", "", "KIBBLE_{}_CLIENT_SECRET is missing"),
            ("account", "", "KIBBLE_{}_ACCOUNT is missing"),
            ("url", "wwwcie.example.com", "KIBBLE_{}_URL must be an address"),
            ("url", "https:///rates", "KIBBLE_{}_URL must be an address"),
        ],
    )
    def test_names_what_is_missing_or_no_address(
        self, clock: FakeClock, carrier: str, part: str, value: str, sentence: str
    ) -> None:
        told = {"client_id": "me", "client_secret": "open", "account": "1"} | {part: value}
        given = {f"KIBBLE_{carrier}_{name}".upper(): of for name, of in told.items()}
        settings = read_settings({"KIBBLE_SENDER": SENDER, **given})
        with pytest.raises(ValueError, match=sentence.format(carrier.upper())):
            choose(settings, ZoneMap(read_zip_table(), "43215"), clock)


class TestTheSender:
    """Who sends is one setting."""

    @pytest.mark.parametrize("text", ["", "Kibble; 1 Dock Rd; Columbus; OH; 43215", "; ; ; ; ; "])
    def test_is_refused_when_a_part_is_missing(self, text: str) -> None:
        with pytest.raises(ValueError, match="KIBBLE_SENDER"):
            read_sender(text)

    def test_weighs_in_started_tenths_of_a_pound(self) -> None:
        assert [pounds(grams) for grams in (0, 45, 46, 454)] == ["0.1", "0.1", "0.2", "1.1"]
