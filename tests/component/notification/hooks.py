"""Webhooks of a whole Notification: adding some, having events happen, having them told."""

from __future__ import annotations

from typing import Any

from kibble.contracts.address import Address
from kibble.contracts.order import Line, OrderConfirmed, OrderPlaced
from kibble.kernel.ids import OrderId, ProductId
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.event import Event
from kibble.platform.service import LocalStore
from kibble.platform.tasks import Periodic, Worker
from kibble.services.notification.integration import WebhookRequest
from kibble.services.notification.model.signature import signature
from tests.component.notification.conftest import JANE, ORDER, Office
from tests.fixtures.doubles import START
from tests.fixtures.http import Client

URL = "/api/webhooks"
ENDPOINT = "https://erp.example/hooks"
HOUR = 3600.0
DAY = 24 * HOUR


def placed(**changes: Any) -> OrderPlaced:
    """Return an order of Jane's."""
    fields: dict[str, Any] = {
        "order_id": OrderId(ORDER),
        "customer_id": JANE,
        "amount_due": 5998,
        "currency": "USD",
        "payment_method": "CreditCard",
        "hold_expires_at": START,
        "lines": [line()],
    }
    return OrderPlaced(**fields | changes)


def confirmed() -> OrderConfirmed:
    """Return a guest's order, with all that it tells of the person."""
    return OrderConfirmed(
        order_id=OrderId(ORDER),
        customer_id=JANE,
        lines=[line()],
        allocations=[],
        shipping_address=Address(street="123 Main St", city="Boston", state="MA", zip_code="02118"),
        shipping_method="standard",
        email="jane@example.com",
    )


def line() -> Line:
    """Return a line of an order."""
    return Line(
        product_id=ProductId("0193a7f0-0000-7000-8000-00000000000a"),
        quantity=2,
        price=2999,
        name="Salmon kibble",
        weight_grams=2000,
    )


class Hooks:
    """Webhooks in an office."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.caller = office.webhooks
        self.clock = office.clock
        built = office.built
        self._consumer: Consumer[LocalStore] = Consumer(
            "webhooks", built.consumers["webhooks"], built.store, office.clock
        )

    @property
    def staff(self) -> Client:
        return self.office.http.with_scopes("webhooks:admin")

    async def add(self, **changes: Any) -> Any:
        """Add a webhook; return it, with its secret."""
        body = {"url": ENDPOINT, "events": ["order.placed", "order.confirmed"], **changes}
        answer = await self.staff.post(URL, body)
        assert answer.status == 201, answer
        return answer.json()

    async def happen(self, event: Event, *, times: int = 1) -> None:
        """Have the bus deliver one event, however often."""
        body = self.office.sealed(event)
        for _ in range(times):
            await self._consumer.receive(body, event.topic)

    async def send(self, seconds: float = 0.0) -> list[WebhookRequest]:
        """Move time on, have what is due sent, and return what was sent."""
        self.clock.advance(seconds)
        before = len(self.caller.called)
        (worker,) = (task for task in self.office.built.tasks if task.name == "send webhooks")
        assert isinstance(worker, Worker)
        await worker.drain()
        return self.caller.called[before:]

    async def seal(self) -> None:
        """Have secrets sealed by the newest key, as happens when Notification starts."""
        (task,) = (one for one in self.office.built.tasks if one.name == "seal webhooks' secrets")
        assert isinstance(task, Periodic)
        await task.work()

    async def signs_with(self, webhook: Any) -> bool:
        """Tell whether the next event is signed with the secret that a webhook was shown with."""
        await self.staff.post(f"{URL}/{webhook['id']}/test")
        (request,) = await self.send()
        wanted = signature(
            [webhook["secret"]],
            request.headers["webhook-id"],
            int(request.headers["webhook-timestamp"]),
            request.body,
        )
        return request.headers["webhook-signature"] == wanted

    async def get(self, webhook: Any) -> Any:
        """Return a webhook as it is now."""
        return (await self.staff.get(f"{URL}/{webhook['id']}")).json()

    async def deliveries(self, webhook: Any, query: str = "") -> Any:
        """Return a webhook's deliveries."""
        return (await self.staff.get(f"{URL}/{webhook['id']}/deliveries{query}")).json()

    async def fail_for(self, seconds: float, *, pause: float = HOUR) -> int:
        """Have time pass while an endpoint fails; return how many attempts were made."""
        made, passed = 0, 0.0
        while passed < seconds:
            made += len(await self.send(pause))
            passed += pause
        return made
