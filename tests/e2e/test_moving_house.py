"""Moving house: an embedded shop with a life behind it moves into the engines, and back again."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from kibble.platform.engines.kafka import Cluster
from kibble.platform.engines.kafka.progress import undelivered
from kibble.runtime.moving.manifest import Manifest, read_manifest
from tests.e2e.test_carts import CHECKOUT, cart_of
from tests.fixtures.cluster import ClusterProcess
from tests.fixtures.eventually import eventually
from tests.fixtures.live import calling
from tests.fixtures.process import Ended, ShopProcess
from tests.fixtures.shopping import Buyer, Json, Shop, open_shop, order

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("moving house")]

LOG = "audit/entries"
WITHIN = 120.0
"""Seconds; the servers of the tests share a small machine."""

EMPTY = {
    "customer/ceremonies",
    "customer/clients",
    "customer/factors",
    "customer/grants",
    "customer/held_usernames",
    "customer/revocations",
    "customer/sessions",
    "customer/staff",
    "order/intents",
    "order/subscriptions",
    "payment/disputes",
    "payment/payment_tokens",
    "product/feed_stock",
    "notification/preferences",
    "notification/restocks",
    "notification/waits",
    "notification/webhook_deliveries",
    "notification/webhooks",
    "recommendation/viewed",
    "sandbox-payments/errors",
    "sandbox-payments/waiting",
    "shipping/pickings",
    "shipping/printed_labels",
}
"""What may have no rows beside idempotency records and parked events.

It comes and goes, or this life has none of it: identity, Autoship, webhooks and disputes, which the
sandbox has none of, move in tests/ports/archive.
"""


@dataclass(frozen=True, slots=True)
class Life:
    """What there is to remember of the shop before it moved; ``key`` made the order ``keyed``."""

    buyer: str
    product: Json
    paid: Json
    key: dict[str, str]
    body: Json
    keyed: str
    cart: Json
    code: str
    waiting: Json
    messages: list[str]


async def live_through(shop: Shop) -> Life:
    """Have a shop see everything that it may be asked about later."""
    buyer = await shop.register(pets=[{"name": "Rex", "species": "dog"}])
    attributes = {"weight": 2.5, "brand.name": "Ävalon", "z": True, "a": 1}
    product = await shop.product(stock=40, attributes=attributes, tags=["x"])
    paid = await paid_for(shop, buyer, product)
    await shop.order_is(paid["id"], "DELIVERED", within=WITHIN)
    code = shop.word("OFF").upper()
    promotion = {"code": code, "description": "Once.", "kind": "percent", "percent": 15}
    started = await shop.staff.post("/api/promotions", promotion | {"maxUsesPerCustomer": 1})
    assert started.status == 201, started
    cheap = await cart_of(buyer.live, (product, 1))
    terms = CHECKOUT | {"promotionCode": code}
    taken = await buyer.live.post(f"/api/carts/{cheap['id']}/checkout", terms)
    assert taken.status == 201, taken
    review = {"rating": 5, "title": "Good", "text": "Rex likes it."}
    reviewed = await buyer.live.post(f"/api/products/{product['id']}/reviews", review)
    assert reviewed.status == 201, reviewed
    await saves_a_card(shop, buyer)
    erased = await shop.register()
    assert (await erased.live.delete(f"/api/customers/{erased.id}")).status in (202, 204)
    key, body = {"Idempotency-Key": shop.word("key")}, order(buyer.id, (product, 1))
    keyed = await buyer.live.post("/api/orders", body, key)
    assert keyed.status == 201, keyed
    for placed in (taken, keyed):
        await shop.order_is(placed.json()["id"], "DELIVERED", within=WITHIN)
    waiting = await refunds_cancels_and_waits(shop, product)
    inbox = await shop.inbox_has(buyer, ["order_confirmed", "order_delivered"], WITHIN)
    return Life(
        buyer=buyer.id,
        product=product,
        paid=paid,
        key=key,
        body=body,
        keyed=keyed.json()["id"],
        cart=await cart_of(shop.nobody, (product, 3)),
        code=code,
        waiting=waiting,
        messages=[one["id"] for one in inbox],
    )


async def paid_for(shop: Shop, buyer: Buyer, product: Json) -> Json:
    """Return an order of two that is paid."""
    placed = await shop.placed(buyer, (product, 2))
    return await shop.order_when(placed["id"], lambda o: o["paymentStatus"] == "PAID", WITHIN)


async def saves_a_card(shop: Shop, buyer: Buyer) -> None:
    """Have a customer leave a card with the sandbox, and come back from its page."""
    wanted = {"userId": buyer.id, "paymentMethod": "CreditCard"}
    begun = await buyer.live.post("/api/payments/methods", wanted)
    assert begun.status == 201, begun
    method = begun.json()["id"]
    page = f"/api/payments/sandbox/methods/{method}?card=tok_ok"
    for path in (page, f"/api/payments/methods/{method}/return"):
        assert (await shop.nobody.get(path)).status == 303


async def refunds_cancels_and_waits(shop: Shop, product: Json) -> Json:
    """Have one order refunded in part and one cancelled; return one that waits for its money."""
    buyer = await shop.register()
    paid = await paid_for(shop, buyer, product)
    (payment,) = await shop.payments(paid["id"])
    refund = await shop.staff.post(f"/api/payments/{payment['id']}/refund", {"amount": 3.5})
    assert refund.status == 201, refund
    await shop.order_when(paid["id"], lambda o: o["refundedAmount"] == 3.5, WITHIN)
    given_up = await shop.placed(buyer, (product, 1), paymentToken="tok_declined")
    await shop.order_when(given_up["id"], lambda o: o["paymentStatus"] == "FAILED", WITHIN)
    assert (await buyer.live.post(f"/api/orders/{given_up['id']}/cancel")).status == 200
    waiting = await shop.placed(buyer, (product, 4), paymentToken="tok_declined")
    await shop.order_when(waiting["id"], lambda o: o["paymentStatus"] == "FAILED", WITHIN)
    await shop.has_stock(product["id"], 34, 4, 30, within=WITHIN)
    return waiting | {"userId": buyer.id}


async def remembers(shop: Shop, life: Life) -> None:
    """Ask a shop that moved for what it was told elsewhere."""
    buyer, product = shop.nobody.as_customer(life.buyer), life.product["id"]
    again = await buyer.post("/api/orders", life.body, life.key)
    assert (again.status, again.json()["id"]) == (201, life.keyed)
    review = {"rating": 1, "title": "Twice", "text": "No."}
    assert (await buyer.post(f"/api/products/{product}/reviews", review)).status == 409
    cart = await cart_of(buyer, (life.product, 1))
    terms = CHECKOUT | {"promotionCode": life.code}
    assert (await buyer.post(f"/api/carts/{cart['id']}/checkout", terms)).status == 409
    (line,) = (await shop.nobody.get(f"/api/carts/{life.cart['id']}")).json()["items"]
    assert (line["productId"], line["quantity"]) == (product, 3)
    inbox = [one["id"] for one in (await buyer.get("/api/notifications")).json()]
    assert [one for one in inbox if one in life.messages] == life.messages
    shown = (await shop.nobody.get(f"/api/products/{product}")).json()
    assert list(shown["attributes"].items()) == list(life.product["attributes"].items())


async def gives_back(shop: Shop, life: Life, refunded: float) -> None:
    """Give one more dollar back of an old order; then it shows ``refunded``."""
    (payment,) = await shop.payments(life.paid["id"])
    answer = await shop.staff.post(f"/api/payments/{payment['id']}/refund", {"amount": 1.0})
    assert answer.status == 201, answer
    await shop.order_when(life.paid["id"], lambda o: o["refundedAmount"] == refunded, within=WITHIN)


async def finds(shop: Shop, life: Life) -> None:
    """Find the product by its name, in an index that was built anew."""
    path = f"/api/products/search?q={life.product['name'].split()[-1]}"
    await eventually(
        lambda: shop.nobody.get(path),
        until=lambda a: a.status == 200 and [one["id"] for one in a.json()] == [life.product["id"]],
        within=WITHIN,
    )


async def moved_by(shop: Shop, life: Life) -> list[int]:
    """Return how the product's stock moved, newest first."""
    found = await shop.staff.get(f"/api/inventory/{life.product['id']}/movements")
    return [one["delta"] for one in found.json()]


async def pays_what_waited(shop: Shop, life: Life) -> None:
    """Pay for the order whose stock has been held since before the move."""
    buyer = shop.nobody.as_customer(life.waiting["userId"])
    body = {"orderId": life.waiting["id"], "paymentMethod": "CreditCard"}
    assert (await buyer.post("/api/payments", body)).status == 201
    await shop.order_when(life.waiting["id"], lambda o: o["paymentStatus"] == "PAID", within=WITHIN)
    await shop.has_stock(life.product["id"], 30, 0, 30, within=WITHIN)


async def sells(shop: Shop, life: Life) -> str:
    """Sell one more; return the order's id."""
    buyer = shop.nobody.as_customer(life.buyer)
    placed = await buyer.post("/api/orders", order(life.buyer, (life.product, 1)))
    assert placed.status == 201, placed
    order_id: str = placed.json()["id"]
    await shop.order_is(order_id, "DELIVERED", within=WITHIN)
    return order_id


READ = {
    "notification": {"customer_events", "inventory_events", "notification_events"}
    | {"order_events", "product_events"},
    "recommendation": {"order_events"},
}
"""What the last to know read: topics that were made a moment ago are found within ten seconds."""


async def untold(settings: dict[str, str]) -> dict[str, int]:
    """Return who has not applied all events yet, as an export will ask."""
    cluster = Cluster.at(settings["KIBBLE_KAFKA_URL"], settings["KIBBLE_NAMESPACE"])
    return await undelivered(cluster, READ)


def manifest_of(file: Path) -> Manifest:
    with tarfile.open(file) as tar:
        return read_manifest(tar)


def done(ended: Ended) -> None:
    assert ended.code == 0, ended.err


@dataclass(frozen=True, slots=True)
class Move:
    """Where the shop was: its folders, its settings on the engines, its archives so far."""

    folder: Path
    settings: dict[str, str]
    life: Life

    def archive(self, name: str) -> Path:
        return self.folder / f"{name}.tar.gz"

    @property
    def cluster(self) -> ClusterProcess:
        """The shop on the engines, which signs as its folder says now."""
        return ClusterProcess(self.folder / "cluster", self.settings)

    def embedded(self, name: str) -> ShopProcess:
        """The shop in a folder, which signs as that says now."""
        return ShopProcess(self.folder / name)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def old(tmp_path_factory: pytest.TempPathFactory, engine_settings: dict[str, str]) -> Move:
    """A shop in a folder that is about to move, with its archive."""
    folder = tmp_path_factory.mktemp("moving")
    shop = ShopProcess(folder / "first")
    done(await shop.command("seed"))
    shop.start()
    try:
        await shop.ready(WITHIN)
        async with calling(shop) as live:
            life = await live_through(await open_shop(live))
        assert shop.stop() == 0
    finally:
        shop.kill()
    house = {"KIBBLE_NAMESPACE": f"{engine_settings['KIBBLE_NAMESPACE']}_house"}
    move = Move(folder, engine_settings | house, life)
    done(await shop.command("export", str(move.archive("first"))))
    return move


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def move(old: Move) -> Move:
    """The shop in the engines, and, before anybody came, in another folder as well."""
    done(await old.cluster.command("import", str(old.archive("first"))))
    done(await old.cluster.command("export", str(old.archive("second"))))
    done(await old.embedded("third").command("import", str(old.archive("second"))))
    done(await old.embedded("third").command("export", str(old.archive("third"))))
    return old


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sold(move: Move) -> str:
    """The order that the shop sold while it ran on the engines, after all else that it did."""
    life, cluster = move.life, move.cluster
    try:
        await cluster.start()
        async with calling(cluster) as live:
            shop = await open_shop(live)
            await shop.has_stock(life.product["id"], 34, 4, 30, within=WITHIN)
            assert await moved_by(shop, life) == [-2, -1, -1, -2, 40]
            await remembers(shop, life)
            await gives_back(shop, life, 1.0)
            await pays_what_waited(shop, life)
            await finds(shop, life)
            order_id = await sells(shop, life)
            await eventually(lambda: untold(move.settings), until={}.__eq__, within=WITHIN)
        refused = await cluster.command("import", str(move.archive("first")))
        assert "Stop the services first" in refused.err
    finally:
        await cluster.stop()
    return order_id


def test_a_shop_with_a_life_has_rows_in_every_table(old: Move) -> None:
    tables = manifest_of(old.archive("first")).tables
    optional = ("/parked_events", "/idempotency")
    empty = {name for name, entry in tables.items() if not entry.rows}
    assert {name for name in empty if not name.endswith(optional)} <= EMPTY
    assert tables["order/idempotency"].rows


def test_all_rows_and_files_are_the_same_in_every_house(move: Move) -> None:
    first, second, third = (manifest_of(move.archive(n)) for n in ("first", "second", "third"))
    assert first.rows > 1_000
    assert but_for_the_log(second) == but_for_the_log(first)
    assert but_for_the_log(third) == but_for_the_log(first)


def but_for_the_log(manifest: Manifest) -> Manifest:
    """Return a manifest without the audit log, in which each move is an entry more."""
    tables = {name: one for name, one in manifest.tables.items() if name != LOG}
    return msgspec.structs.replace(manifest, tables=tables)


def log_in(file: Path) -> list[bytes]:
    with tarfile.open(file) as tar:
        entries = tar.extractfile(f"{LOG}.jsonl")
        assert entries is not None
        return entries.readlines()


async def test_the_audit_log_goes_from_house_to_house_and_holds(move: Move) -> None:
    first, second, third = (log_in(move.archive(name)) for name in ("first", "second", "third"))
    assert second[: len(first)] == first
    assert third[: len(second)] == second
    assert len(third) > len(second) > len(first) > 0
    done(await move.cluster.command("audit", "verify"))
    done(await move.embedded("third").command("audit", "verify"))


async def test_a_namespace_with_a_shop_is_not_moved_into(move: Move) -> None:
    ended = await move.cluster.command("import", str(move.archive("first")))
    assert ended.code == 2
    assert "There is a shop already" in ended.err


async def test_the_shop_goes_on_in_the_engines(move: Move, sold: str) -> None:
    done(await move.cluster.command("export", str(move.archive("fourth"))))
    with tarfile.open(move.archive("fourth")) as tar:
        orders = tar.extractfile("order/orders.jsonl")
        assert orders is not None
        assert sold.encode() in orders.read()


async def test_the_shop_goes_on_in_the_folder_that_it_comes_back_to(move: Move, sold: str) -> None:
    life, home = move.life, move.embedded("home")
    back, again = move.archive("back"), move.archive("again")
    done(await move.cluster.command("export", str(back)))
    done(await home.command("import", str(back)))
    done(await home.command("export", str(again)))
    assert but_for_the_log(manifest_of(again)) == but_for_the_log(manifest_of(back))
    home = move.embedded("home")
    home.start()
    try:
        await home.ready(WITHIN)
        async with calling(home) as live:
            shop = await open_shop(live)
            await shop.has_stock(life.product["id"], 29, 0, 29, within=WITHIN)
            assert await moved_by(shop, life) == [-1, -4, -2, -1, -1, -2, 40]
            await remembers(shop, life)
            await gives_back(shop, life, 2.0)
            await finds(shop, life)
            assert (await shop.order(sold))["status"] == "DELIVERED"
            await sells(shop, life)
            await shop.has_stock(life.product["id"], 28, 0, 28, within=WITHIN)
    finally:
        home.kill()
