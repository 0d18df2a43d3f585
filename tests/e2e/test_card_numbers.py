"""No card number is kept, logged or traced, whatever people write where (PCI DSS 4.0.1, SAQ A)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from tests.fixtures.card_numbers import packed_card_numbers
from tests.fixtures.cluster import ClusterProcess
from tests.fixtures.collector import Collector, collector
from tests.fixtures.http import Answer
from tests.fixtures.live import calling
from tests.fixtures.process import ShopProcess
from tests.fixtures.shopping import Buyer, Json, Shop, open_shop, order
from tests.fixtures.traces import kept

__all__ = ["collector"]

CARDS = ("4242 4242 4242 4242", "5555-5555-5555-4444", "378282246310005")
PAGE = {"x-kibble": "1", "sec-fetch-site": "same-origin"}


@pytest.fixture
async def own_shop(tmp_path: Path, collector: Collector) -> AsyncIterator[Shop]:
    """A shop that logs and traces all that it can."""
    told = {
        "KIBBLE_LOG_LEVEL": "DEBUG",
        "KIBBLE_OTLP_URL": f"http://127.0.0.1:{collector.port}",
        "KIBBLE_TRACE_SHARE": "1",
    }
    process = ShopProcess(tmp_path / "data", told)
    process.start()
    await process.ready()
    async with calling(process) as live:
        yield await open_shop(live)
    process.kill()


async def tell(shop: Shop, buyer: Buyer, paid: Json, product: Json, card: str) -> list[Answer]:
    """Write a card number wherever words are taken; return the answers where it must not pass."""
    (payment,) = await shop.payments(paid["id"])
    street = {"street": card, "city": "Boston", "state": "MA", "zipCode": "02118"}
    account = f"/api/customers/{buyer.id}"
    review = {"rating": 4, "title": "My card", "text": f"It is {card}, keep it."}
    return [
        await shop.staff.post(f"/api/orders/{paid['id']}/notes", {"text": f"rang: {card}"}),
        await shop.staff.post(f"/api/payments/{payment['id']}/refund", {"reason": card}),
        await buyer.live.post("/api/orders", order(buyer.id, (product, 1), shippingAddress=street)),
        await buyer.live.post("/api/orders", order(buyer.id, (product, 1), paymentToken=card)),
        await buyer.live.patch(account, {"name": card}),
        await buyer.live.post(f"/api/products/{product['id']}/reviews", review),
        await buyer.live.post("/api/carts", {}, {"idempotency-key": card.replace(" ", "")}),
        await shop.nobody.post("/session", {"username": card, "password": card}, PAGE),
    ]


async def mention(shop: Shop, buyer: Buyer, card: str) -> None:
    """Write a card number where it is looked at and goes by."""
    plain = card.replace(" ", "").replace("-", "")
    await buyer.live.get(f"/api/orders/{plain}")
    forged = {"authorization": "Bearer x.y.z"}
    await shop.nobody.send("GET", f"/api/customers/{plain}", None, forged)
    await shop.nobody.get(f"/api/products/search?q={plain}")
    await buyer.live.send("GET", "/api/orders", None, {"x-request-id": plain, "user-agent": card})
    await shop.nobody.send(
        "POST",
        "/session",
        {"username": "nobody", "password": "no such password"},
        PAGE | {"user-agent": card},
    )


async def delivered_order(shop: Shop) -> Json:
    """Return an order that was delivered, and meanwhile somebody wrote card numbers everywhere."""
    buyer = await shop.register()
    product = await shop.product(stock=10)
    paid = await shop.paid(buyer, (product, 1))
    for card in CARDS:
        answers = await tell(shop, buyer, paid, product, card)
        assert [one.status for one in answers if one.status < 400] == []
        await mention(shop, buyer, card)
    return await shop.order_is(paid["id"], "DELIVERED", within=60)


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def card_numbers_of(seen: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Return where card numbers are, and which."""
    return {where: found for where, data in seen.items() if (found := packed_card_numbers(data))}


async def test_are_in_no_store_no_log_and_no_trace(own_shop: Shop, collector: Collector) -> None:
    delivered = await delivered_order(own_shop)
    process = own_shop.process
    assert process.stop() == 0
    seen = {"log": process.log.read_bytes(), "traces": b"\n".join(collector.requests)}
    seen |= files_in(process.data_dir)
    assert delivered["id"].encode() in seen[str(process.data_dir / "order.db")]
    assert b"POST" in seen["traces"]
    assert b"access refused" in seen["log"]
    assert card_numbers_of(seen) == {}


@pytest.mark.engine
@pytest.mark.xdist_group("cluster")
async def test_are_in_no_engine_and_no_file_of_a_distributed_shop(
    cluster: ClusterProcess, engine_settings: dict[str, str]
) -> None:
    async with calling(cluster) as live:
        delivered = await delivered_order(await open_shop(live))
    seen = {name: text.encode() for name, text in (await kept(engine_settings)).items()}
    assert sum(delivered["id"].encode() in data for data in seen.values()) > 1
    seen |= files_in(cluster.data_dir)
    assert card_numbers_of(seen) == {}


@pytest.mark.parametrize(
    "written",
    [
        b'{"note": "4242424242424242"}',
        b"rang about 4242 4242 4242 4242, and",
        b"\x00\x10order4242-4242-4242-4242\x07CONFIRMED",
        b"/api/orders/378282246310005 HTTP/1.1",
        b"\x12\x105555555555554444",
    ],
)
def test_that_were_kept_would_be_found(written: bytes) -> None:
    assert len(packed_card_numbers(written)) == 1


@pytest.mark.parametrize(
    "written",
    [b"4242424242424241", b"1772463600000000", b"0.4242424242424242", b"tok_4242", b"42" * 20],
)
def test_that_are_none_are_not(written: bytes) -> None:
    assert packed_card_numbers(written) == []
