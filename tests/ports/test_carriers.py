"""What every adapter of the ``Carrier`` port promises."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from kibble.services.shipping.adapters.code128 import code128
from kibble.services.shipping.adapters.label import BARCODE_TOP, MODULE_DOTS, SIZE
from kibble.services.shipping.adapters.sandbox import SandboxCarrier
from kibble.services.shipping.adapters.tracking_numbers import fedex_check_digit, ups_check_digit
from kibble.services.shipping.adapters.zip_table import read_zip_table
from kibble.services.shipping.errors import NoLabel
from kibble.services.shipping.integration import Carrier
from kibble.services.shipping.model.packing import Parcel
from kibble.services.shipping.model.shipment import MOVES, Shipment, Status
from kibble.services.shipping.model.tariff import FEDEX, UPS, carrier_methods
from kibble.services.shipping.model.zones import ZoneMap
from tests.fixtures.doubles import FakeClock
from tests.unit.shipping.builders import ADDRESS, NOW, requested

ZONES = ZoneMap(read_zip_table(), "43215")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture(params=[UPS, FEDEX])
def carrier(request: pytest.FixtureRequest, clock: FakeClock) -> Carrier:
    return SandboxCarrier(request.param, ZONES, clock)


def shipment(carrier: Carrier, number: int = 1, street: str = "123 Main St") -> Shipment:
    method = carrier_methods(carrier.name)[0].code
    return requested(number, method=method, address=replace(ADDRESS, street=street))


async def labelled(carrier: Carrier, number: int = 1, street: str = "123 Main St") -> Shipment:
    bought = shipment(carrier, number, street)
    purchase = await carrier.buy_label(bought)
    bought.record_label(purchase.label, purchase.estimated_delivery, NOW, NOW)
    return bought


async def statuses_until_delivered(
    carrier: Carrier, clock: FakeClock, parcel: Shipment
) -> list[Status]:
    """Follow ``next_look`` from scan to scan."""
    assert parcel.label is not None
    for _ in range(50):
        tracking = await carrier.track(parcel.label)
        if tracking.next_look is None:
            return [scan.status for scan in tracking.scans]
        assert tracking.next_look > clock.now()
        clock.advance((tracking.next_look - clock.now()).total_seconds())
    raise AssertionError("never delivered")


class TestRates:
    async def test_offers_each_method_at_a_price_with_an_arrival(self, carrier: Carrier) -> None:
        rates = await carrier.rates(ADDRESS, [Parcel(1_500)])
        assert {rate.method for rate in rates} == set(carrier_methods(carrier.name))
        assert all(rate.cost.minor > 0 and rate.estimated_delivery > NOW for rate in rates)

    async def test_prices_each_parcel(self, carrier: Carrier) -> None:
        both = await carrier.rates(ADDRESS, [Parcel(1_000), Parcel(2_000)])
        one, other = [await carrier.rates(ADDRESS, [Parcel(grams)]) for grams in (1_000, 2_000)]
        summed = [a.cost + b.cost for a, b in zip(one, other, strict=True)]
        assert [rate.cost for rate in both] == summed

    async def test_prices_the_room_of_a_light_parcel(self, carrier: Carrier) -> None:
        small, large = Parcel(1_000), Parcel(1_000, size_mm=(600, 450, 450))
        near, far = [await carrier.rates(ADDRESS, [parcel]) for parcel in (small, large)]
        assert all(a.cost < b.cost for a, b in zip(near, far, strict=True))


class TestLabels:
    async def test_the_same_shipment_gets_the_same_label(
        self, carrier: Carrier, clock: FakeClock
    ) -> None:
        first = await carrier.buy_label(shipment(carrier))
        clock.advance(3 * 3600)
        assert await carrier.buy_label(shipment(carrier)) == first

    async def test_tracking_numbers_differ_and_have_the_carriers_form(
        self, carrier: Carrier
    ) -> None:
        numbers = [
            (await carrier.buy_label(shipment(carrier, n))).label.tracking_number
            for n in range(500)
        ]
        assert len(set(numbers)) == len(numbers)
        if carrier.name == UPS:
            assert all(re.fullmatch(r"1Z[0-9A-Z]{6}\d{2}\d{7}\d", n) for n in numbers)
            assert all(int(n[-1]) == ups_check_digit(n[2:-1]) for n in numbers)
        else:
            assert all(re.fullmatch(r"\d{12}", n) for n in numbers)
            assert all(int(n[-1]) == fedex_check_digit(n[:-1]) for n in numbers)

    async def test_prints_a_label_of_four_by_six_inches_for_each_parcel(
        self, carrier: Carrier
    ) -> None:
        sold = await labelled(carrier)
        labels = [await carrier.print_label(sold, place) for place in range(len(sold.parcels))]
        assert len({label.content for label in labels}) == 2
        for label in labels:
            image = Image.open(BytesIO(label.content))
            assert (label.media_type, image.format, image.size) == ("image/png", "PNG", SIZE)

    async def test_the_barcode_on_the_label_is_its_tracking_number(self, carrier: Carrier) -> None:
        sold = await labelled(carrier)
        label = await carrier.print_label(sold, 0)
        assert read_barcode(label.content) == sold.printable_label().tracking_number

    async def test_prints_nothing_before_the_label_is_bought(self, carrier: Carrier) -> None:
        with pytest.raises(NoLabel):
            await carrier.print_label(shipment(carrier), 0)

    async def test_a_long_address_stays_on_the_label(self, carrier: Carrier) -> None:
        sold = await labelled(carrier, street="A very long street name " * 8)
        label = await carrier.print_label(sold, 0)
        assert read_barcode(label.content) == sold.printable_label().tracking_number


class TestVoid:
    async def test_before_the_pick_up(self, carrier: Carrier) -> None:
        assert await carrier.void_label(await labelled(carrier))

    async def test_again(self, carrier: Carrier) -> None:
        sold = await labelled(carrier)
        assert await carrier.void_label(sold)
        assert await carrier.void_label(sold)

    async def test_of_a_label_that_was_never_bought(self, carrier: Carrier) -> None:
        assert await carrier.void_label(shipment(carrier))

    async def test_is_refused_after_the_pick_up(self, carrier: Carrier, clock: FakeClock) -> None:
        sold = await labelled(carrier)
        clock.advance(4 * 86400)
        assert not await carrier.void_label(sold)


class TestTracking:
    async def test_has_no_scan_before_the_pick_up(self, carrier: Carrier) -> None:
        sold = await labelled(carrier)
        tracking = await carrier.track(sold.printable_label())
        assert tracking.scans == []
        assert tracking.next_look is not None

    async def test_leads_to_delivery_by_the_estimated_time(
        self, carrier: Carrier, clock: FakeClock
    ) -> None:
        sold = await labelled(carrier)
        statuses = await statuses_until_delivered(carrier, clock, sold)
        assert statuses[0] is Status.IN_TRANSIT
        assert statuses[-2:] == [Status.OUT_FOR_DELIVERY, Status.DELIVERED]
        assert clock.now() <= sold.estimated_delivery

    async def test_a_mishap_delays_the_delivery_and_says_so(
        self, carrier: Carrier, clock: FakeClock
    ) -> None:
        sold = await labelled(carrier, street="1 Exception Way")
        statuses = await statuses_until_delivered(carrier, clock, sold)
        late = (await carrier.track(sold.printable_label())).estimated_delivery
        assert statuses.count(Status.EXCEPTION) == 1
        assert late is not None
        assert late > sold.estimated_delivery

    async def test_every_scan_is_a_move_that_a_shipment_allows(
        self, carrier: Carrier, clock: FakeClock
    ) -> None:
        sold = await labelled(carrier, street="1 Exception Way")
        status = Status.LABELLED
        for scanned in await statuses_until_delivered(carrier, clock, sold):
            assert scanned is status or MOVES.allows(status, scanned)
            status = scanned

    @pytest.mark.parametrize("name", [UPS, FEDEX])
    async def test_the_fast_sandbox_delivers_within_seconds(
        self, name: str, clock: FakeClock
    ) -> None:
        fast = SandboxCarrier(name, ZONES, clock, fast=True)
        sold = await labelled(fast)
        assert (await statuses_until_delivered(fast, clock, sold))[-1] is Status.DELIVERED
        assert clock.now() - NOW <= timedelta(seconds=10)
        assert clock.now() == sold.estimated_delivery


def read_barcode(png: bytes) -> str:
    """Read the label's Code 128 as a scanner does: from the widths along one row."""
    image = Image.open(BytesIO(png)).convert("1")
    row = [image.getpixel((x, BARCODE_TOP + 10)) == 0 for x in range(SIZE[0])]
    first, last = row.index(True), len(row) - row[::-1].index(True)
    widths, run = [], 1
    for before, after in zip(row[first : last - 1], row[first + 1 : last], strict=True):
        if before is after:
            run += 1
        else:
            widths.append(run // MODULE_DOTS)
            run = 1
    widths.append(run // MODULE_DOTS)
    symbols = {tuple(code128(chr(c))[6:12]): chr(c) for c in range(32, 127)}
    body = widths[6:-13]
    return "".join(symbols[tuple(body[n : n + 6])] for n in range(0, len(body), 6))


def test_encodes_the_example_of_the_standard_with_its_check_symbol() -> None:
    """``PJJ123C`` in code set B has the check symbol 55 (widths 311321), a worked example."""
    widths = code128("PJJ123C")
    assert widths[:6] == [2, 1, 1, 2, 1, 4]
    assert widths[-13:-7] == [3, 1, 1, 3, 2, 1]
    assert widths[-7:] == [2, 3, 3, 1, 1, 1, 2]


@pytest.mark.parametrize("text", ["Zürich", "tab\t", "line\n"])
def test_a_barcode_refuses_what_code_set_b_lacks(text: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        code128(text)


@pytest.mark.parametrize("number", ["1Z999AA10123456784", "1Z12345E6605272234"])
def test_knows_the_check_digit_of_real_ups_numbers(number: str) -> None:
    assert ups_check_digit(number[2:-1]) == int(number[-1])


@pytest.mark.parametrize("number", ["986578788855", "477179081230", "799531274483"])
def test_knows_the_check_digit_of_real_fedex_numbers(number: str) -> None:
    assert fedex_check_digit(number[:-1]) == int(number[-1])
