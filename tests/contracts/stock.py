"""One of everything in a running shop, so that every path leads somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

from PIL import Image

from tests.fixtures.eventually import eventually
from tests.fixtures.http import Answer
from tests.fixtures.live import Live
from tests.fixtures.shopping import ADDRESS, Buyer, Json, Shop

BOUNDARY = "kibble-boundary"
FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
FEED = b"sku,name,price,category\nTREAT-1,Treat,1.50,Treats\n"
CHECKOUT = {
    "shippingAddress": ADDRESS,
    "paymentMethod": "CreditCard",
    "email": "guest@example.com",
}


SALE = {"price": 0.01, "startsAt": "2099-01-01T00:00:00Z", "endsAt": "2099-02-01T00:00:00Z"}
WEBHOOK = {"url": "https://erp.example/hooks", "events": ["order.cancelled"]}


@dataclass(frozen=True, slots=True)
class Shelf:
    """The ids of one of everything, all of one registered customer; ``ids`` fit into paths.

    The order is paid, and waits for its parcel.
    """

    shop: Shop
    owner: Buyer
    product: Json
    order: Json
    ids: dict[str, str]

    @property
    def staff(self) -> Live:
        """Staff with every scope."""
        return self.shop.staff

    def path(self, template: str, **others: str) -> str:
        """Return a path with the ids of this shelf, or ``others``."""
        return template.format(**self.ids | others)


def picture() -> bytes:
    """Return a form with a small picture."""
    buffer = BytesIO()
    Image.new("RGB", (64, 48), (200, 120, 40)).save(buffer, "PNG")
    head = (
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n'
        "content-type: image/png\r\n\r\n"
    )
    return head.encode() + buffer.getvalue() + f"\r\n--{BOUNDARY}--\r\n".encode()


def made(answer: Answer, status: int = 201) -> Json:
    """Return what was made; fails when it was not."""
    assert answer.status == status, answer
    result: Json = answer.json()
    return result


async def fill(shop: Shop) -> Shelf:
    """Fill a shelf."""
    owner = await shop.register()
    staff = shop.staff
    product = await shop.product(stock=500)
    images = f"/api/products/{product['id']}/images"
    image = made(await staff.post(images, picture(), FORM))
    category = made(await staff.post("/api/categories", {"name": shop.word("Treats ")}))
    made(await staff.put(f"/api/products/{product['id']}/sale", SALE), 200)
    feed = made(await staff.post("/api/products/imports", FEED, {"content-type": "text/csv"}), 202)
    cart = made(await owner.live.post("/api/carts", {"items": [line(product)]}))
    code = shop.word("SAVE").upper()
    promotion = {"code": code, "kind": "percent", "percent": 5, "description": "A test"}
    made(await staff.post("/api/promotions", promotion))
    order = await shop.paid(owner, (product, 1))
    (payment,) = await shop.payments(order["id"])
    shipment = await eventually(lambda: _shipment(shop, order["id"]), until=_labelled, within=15)
    (message, *_) = await shop.inbox_has(owner, {"order_confirmed"})
    terms = {
        "userId": owner.id,
        "items": [line(product)],
        "interval": {"every": 4, "unit": "week"},
        "nextDate": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(),
        "paymentMethod": "CreditCard",
    }
    subscription = made(await owner.live.post("/api/subscriptions", terms))
    review = {"rating": 5, "title": "Good", "text": "My dog likes it"}
    made(await owner.live.post(f"/api/products/{product['id']}/reviews", review))
    guests = made(await shop.nobody.post("/api/carts", {"items": [line(product)]}))
    clerk = {"username": shop.word("clerk"), "roles": ["support"]}
    member = made(await staff.post("/api/staff", clerk))
    saving = {"userId": owner.id, "paymentMethod": "CreditCard"}
    method = made(await owner.live.post("/api/payments/methods", saving))
    page = f"/api/payments/sandbox/methods/{method['id']}?card=tok_ok"
    assert (await shop.nobody.get(page)).status == 303
    assert (await shop.nobody.get(f"/api/payments/methods/{method['id']}/return")).status == 303
    webhook = made(await staff.post("/api/webhooks", WEBHOOK))
    hooks = f"/api/webhooks/{webhook['id']}"
    delivery = made(await staff.post(f"{hooks}/test"), 202)
    made(await staff.patch(hooks, {"enabled": False}), 200)
    ids = {
        "webhookId": webhook["id"],
        "deliveryId": delivery["id"],
        "staffId": member["id"],
        "clientId": shop.new_id(),
        "sessionId": shop.new_id(),
        "passkeyId": "none",
        "guestCartId": guests["id"],
        "productId": product["id"],
        "categoryId": category["id"],
        "importId": feed["id"],
        "name": image["url"].rpartition("/")[2],
        "orderId": order["id"],
        "cartId": cart["id"],
        "subscriptionId": subscription["id"],
        "itemId": subscription["items"][0]["id"],
        "code": code,
        "paymentId": payment["id"],
        "methodId": method["id"],
        "customerId": owner.id,
        "shipmentId": shipment["id"],
        "trackingNumber": shipment["trackingNumber"],
        "notificationId": message["id"],
        "warehouseId": shop.warehouse_id,
        "consumer": "order",
        "eventId": shop.new_id(),
    }
    return Shelf(shop, owner, product, order, ids)


def line(product: Json, quantity: int = 1) -> Json:
    """Return a line of a cart."""
    return {"productId": product["id"], "quantity": quantity}


async def _shipment(shop: Shop, order_id: str) -> Json:
    found = (await shop.staff.get(f"/api/shipping?orderId={order_id}")).json()
    return found[0] if found else {}


def _labelled(shipment: Json) -> bool:
    return bool(shipment.get("trackingNumber"))
