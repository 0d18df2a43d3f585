"""Personal data, from its entry to its erasure: a canary in every field, looked for everywhere."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from tests.architecture.personal_data import DERIVED, KEPT_BY_LAW, UNREACHED, personal_fields
from tests.fixtures.cluster import ClusterProcess
from tests.fixtures.eventually import eventually
from tests.fixtures.live import calling
from tests.fixtures.process import ShopProcess
from tests.fixtures.shopping import Buyer, Json, Shop, open_shop, order
from tests.fixtures.traces import kept

PLANTED: Mapping[str, str] = {
    "Customer.username": "zebrauser",
    "Customer.email": "zebramail@example.com",
    "Customer.pending_email": "zebranewmail@example.com",
    "Profile.name": "Zebraname",
    "Phone.given": "(212) 555-0187",
    "Phone.e164": "+12125550187",
    "Address.name": "Zebrarecipient",
    "Address.street": "11 Zebrastreet",
    "Address.street2": "Zebrafloor 7",
    "Address.city": "Zebratown",
    "Pet.name": "Zebrapet",
    "Pet.species": "zebraspecies",
    "Pet.breed": "zebrabreed",
    "Pet.birthday": "2013-02-27",
    "Pet.weight_grams": "48713",
    "Pet.allergies": "zebrapollen",
    "Session.agent": "Zebrabrowser/7",
    "Order.email": "zebramail@example.com",
    "Order.shipping_address": "11 Zebrastreet",
    "Entry.details": "zebrareason",
    "Refund.reason": "zebrarefund",
    "Subscription.name": "Zebrasubscription",
    "Subscription.address": "12 Zebralane",
    "Message.email": "zebramail@example.com",
    "Review.title": "Zebratitle",
    "Review.text": "zebraopinion",
    "QuietHours.start": "21:43",
    "QuietHours.end": "06:13",
}
"""What is told to the shop, by the field of the model that keeps it."""

PASSWORD = "correct horse battery"
ADDRESS = {
    "name": PLANTED["Address.name"],
    "street": PLANTED["Address.street"],
    "street2": PLANTED["Address.street2"],
    "city": PLANTED["Address.city"],
    "state": "NY",
    "zipCode": "10001",
}
PET = {
    "name": PLANTED["Pet.name"],
    "species": PLANTED["Pet.species"],
    "breed": PLANTED["Pet.breed"],
    "birthday": PLANTED["Pet.birthday"],
    "weightGrams": int(PLANTED["Pet.weight_grams"]),
    "allergies": [PLANTED["Pet.allergies"]],
}
NOT_EXPORTED = {"Order.email", "Message.email"}
"""Those of guests, who have no account to export; a customer's are the account's own."""


@pytest.fixture
async def own_shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """A shop of the test's own, whose every file it may read."""
    process = ShopProcess(tmp_path / "data")
    process.start()
    await process.ready()
    async with calling(process) as live:
        yield await open_shop(live)
    process.kill()


async def plant(shop: Shop) -> Buyer:
    """Return a customer who has told the shop all of ``PLANTED``."""
    buyer = await shop.register(
        username=PLANTED["Customer.username"],
        email=PLANTED["Customer.email"],
        name=PLANTED["Profile.name"],
        phone=PLANTED["Phone.given"],
        password=PASSWORD,
        address=ADDRESS,
        addresses=[ADDRESS],
        pets=[PET],
        preferences={"emailNotifications": True, "smsNotifications": True},
    )
    product = await shop.product(stock=10)
    await sign_in(shop)
    await quiet(buyer)
    await buy(shop, buyer, product)
    await subscribe(buyer, product)
    review = {"rating": 4, "title": PLANTED["Review.title"], "text": PLANTED["Review.text"]}
    told = await buyer.live.post(f"/api/products/{product['id']}/reviews", review)
    assert told.status == 201, told
    await propose_email(buyer)
    return buyer


async def sign_in(shop: Shop) -> None:
    who = {"username": PLANTED["Customer.username"], "password": PASSWORD}
    own = {"x-kibble": "1", "origin": shop.process.url}
    headers = own | {"user-agent": PLANTED["Session.agent"]}
    answer = await shop.nobody.post("/session", who, headers)
    assert answer.status == 200, answer


async def quiet(buyer: Buyer) -> None:
    hours = {
        "start": PLANTED["QuietHours.start"],
        "end": PLANTED["QuietHours.end"],
        "timeZone": "Pacific/Kiritimati",
    }
    path = f"/api/notifications/preferences/{buyer.id}"
    answer = await buyer.live.put(path, {"quietHours": hours})
    assert answer.status == 200, answer


async def buy(shop: Shop, buyer: Buyer, product: Json) -> None:
    """Buy twice: one order is delivered and refunded in part, the other is cancelled."""
    delivered = await shop.paid(buyer, (product, 1), shippingAddress=ADDRESS)
    (payment,) = await shop.payments(delivered["id"])
    refund = {"amount": 1.5, "reason": PLANTED["Refund.reason"]}
    answer = await shop.staff.post(f"/api/payments/{payment['id']}/refund", refund)
    assert answer.status == 201, answer
    note = {"text": f"rang about {PLANTED['Entry.details']}"}
    answer = await shop.staff.post(f"/api/orders/{delivered['id']}/notes", note)
    assert answer.status == 201, answer
    await shop.order_is(delivered["id"], "DELIVERED", within=30)
    body = order(buyer.id, (product, 1), shippingAddress=ADDRESS, paymentToken="tok_declined")
    waiting = (await buyer.live.post("/api/orders", body)).json()
    reason = {"reason": PLANTED["Entry.details"]}
    answer = await buyer.live.post(f"/api/orders/{waiting['id']}/cancel", reason)
    assert answer.status == 200, answer


async def subscribe(buyer: Buyer, product: Json) -> None:
    body = {
        "userId": buyer.id,
        "items": [{"productId": product["id"], "quantity": 1}],
        "interval": {"unit": "week", "every": 4},
        "nextDate": "2027-06-05",
        "paymentMethod": "CreditCard",
        "paymentToken": "tok_ok",
        "timeZone": "Pacific/Kiritimati",
        "name": PLANTED["Subscription.name"],
        "shippingAddress": {**ADDRESS, "street": PLANTED["Subscription.address"]},
    }
    answer = await buyer.live.post("/api/subscriptions", body)
    assert answer.status == 201, answer


async def propose_email(buyer: Buyer) -> None:
    path = f"/api/customers/{buyer.id}"
    answer = await buyer.live.patch(path, {"email": PLANTED["Customer.pending_email"]})
    assert answer.status == 200, answer


def _canary(told: str) -> re.Pattern[str]:
    """Return what finds a canary; one of digits stands alone: ids and times are full of digits."""
    alone = rf"(?<![0-9a-f])(?<![0-9]:){told}(?!:(?!00)|[0-9a-f])"
    if ":" in told:
        alone = rf"(?<!-[0-9]{{2}}[t ]){alone}"
    is_number = re.fullmatch("[0-9:]+", told) is not None
    return re.compile(alone if is_number else re.escape(told.casefold()))


CANARIES = {field: _canary(told) for field, told in PLANTED.items()}


def found_in(text: str) -> set[str]:
    """Return the fields whose canaries are in ``text``, in any case."""
    folded = text.casefold()
    return {field for field, canary in CANARIES.items() if canary.search(folded)}


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def traces(folder: Path) -> dict[str, set[str]]:
    """Return the files below ``folder`` in which canaries are, and whose."""
    seen = {path: found_in(path.read_bytes().decode("latin-1")) for path in files(folder)}
    return {str(path.relative_to(folder)): fields for path, fields in seen.items() if fields}


def test_every_personal_field_has_a_canary_or_a_reason() -> None:
    told = PLANTED.keys() | DERIVED.keys() | KEPT_BY_LAW.keys() | UNREACHED.keys()
    assert personal_fields() == told


async def test_is_exported_whole_and_then_found_nowhere(own_shop: Shop) -> None:
    buyer = await plant(own_shop)
    await own_shop.inbox_has(buyer, ["order_delivered", "order_cancelled", "order_refunded"])

    exported = await buyer.live.get(f"/api/customers/{buyer.id}/export")
    table = await buyer.live.get(f"/api/customers/{buyer.id}/export.csv")
    assert found_in(exported.body.decode()) | NOT_EXPORTED == PLANTED.keys()
    assert found_in(table.body.decode()) | NOT_EXPORTED == PLANTED.keys()
    assert {*exported.json()["services"]} == {
        *("product", "order", "payment", "recommendation", "shipping", "notification")
    }
    assert traces(own_shop.process.data_dir)

    assert (await buyer.live.delete(f"/api/customers/{buyer.id}")).status == 204
    proof = await eventually(
        lambda: erasure(own_shop, buyer), until=lambda seen: seen["completedAt"], within=30
    )
    held = {part["service"]: part["held"] for part in proof["services"]}
    assert held["order"]["orders"] == 2
    assert held["customer"]["account"] == held["shipping"]["shipments"] == 1
    assert all(part["erasedAt"] for part in proof["services"])

    own_shop.process.stop()
    assert traces(own_shop.process.data_dir) == {}


ON_THE_LOG = {
    "kafka order_events": {
        "Address.name",
        "Address.street",
        "Address.street2",
        "Address.city",
        "Order.shipping_address",
        "Entry.details",
    },
    "kafka notification_events": {"Entry.details"},
}
"""What the topics keep of somebody for as long as they keep events: a week, and a day's segment."""


@pytest.mark.engine
@pytest.mark.xdist_group("cluster")
async def test_is_found_in_no_engine_but_the_log(
    cluster: ClusterProcess, engine_settings: dict[str, str]
) -> None:
    async with calling(cluster) as live:
        shop = await open_shop(live)
        buyer = await plant(shop)
        await shop.inbox_has(buyer, ["order_delivered", "order_cancelled", "order_refunded"])
        before = found_in(" ".join((await kept(engine_settings)).values()))
        assert before >= PLANTED.keys() - {"Customer.pending_email"}
        assert (await buyer.live.delete(f"/api/customers/{buyer.id}")).status == 204
        await eventually(
            lambda: erasure(shop, buyer), until=lambda seen: seen["completedAt"], within=60
        )
    left = {name: found_in(text) for name, text in (await kept(engine_settings)).items()}
    namespace = engine_settings["KIBBLE_NAMESPACE"]
    named = {name.replace(f"{namespace}.", ""): found for name, found in left.items() if found}
    assert all(found <= ON_THE_LOG.get(name, set()) for name, found in named.items()), named


async def erasure(shop: Shop, buyer: Buyer) -> Json:
    answer = await shop.staff.get(f"/api/customers/{buyer.id}/erasure")
    assert answer.status == 200, answer
    result: Json = answer.json()
    return result
