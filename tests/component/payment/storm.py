"""A storm: orders are paid, left and cancelled while a provider fails and webhooks go astray."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, Protocol

from kibble.kernel.ids import OrderId
from tests.component.payment.shop import Shop
from tests.fixtures.providers.server import Faults


class Stormy(Protocol):
    """A provider's double as the storm needs it."""

    faults: Faults
    events: list[bytes]

    def pay(self, reference: str, card: str = ...) -> None:
        """Do what a customer does on the provider's page."""
        ...

    def dispute(self, charge: str, cents: int) -> str:
        """Have a customer's bank want money back; return the dispute's id."""
        ...

    def decide(self, dispute_id: str, *, won: bool) -> None:
        """Decide a dispute."""
        ...

    def signed(self, body: bytes, secret: str = ..., age_seconds: float = 0) -> dict[str, str]:
        """Return a webhook's headers."""
        ...


async def sent_away(shop: Shop) -> tuple[OrderId, str]:
    """Place an order and have its customer sent to the provider's page; return both."""
    order_id = await shop.place()
    await shop.work()
    payment = await shop.payment(order_id)
    assert payment["status"] == "REQUIRES_ACTION", payment
    return order_id, payment["nextAction"]["url"].rpartition("/")[2]


async def deliver(shop: Shop, provider: Stormy, hook: str) -> None:
    """Deliver every webhook that waits, and do what follows."""
    while provider.events:
        body = provider.events.pop(0)
        answer = await shop.http.send("POST", hook, body, provider.signed(body))
        assert answer.status == 204, answer.body
    await shop.work()


class Storm:
    """What happens, by one seed."""

    def __init__(self, shop: Shop, provider: Stormy, hook: str, seed: int) -> None:
        self.refused = 0
        self.webhooks: Counter[str] = Counter()
        """How many came at all, again, after later ones; were lost, forged, or sent too late."""
        self._sent: list[bytes] = []
        self.orders: list[OrderId] = []
        self._shop = shop
        self._provider = provider
        self._hook = hook
        self._dice = random.Random(seed)

    async def blow(self, orders: int) -> None:
        """Place orders and let the storm do to them what it does; then let it end."""
        self._provider.faults.share = 0.2
        self._provider.faults.dice = random.Random(self._dice.random())
        for _ in range(orders):
            self.orders.append(await self._shop.place())
            for _ in range(3):
                await self._happen()
        self._provider.faults.share = 0.0
        self.webhooks["lost"] += sum(one not in self._sent for one in self._provider.events)
        for _ in range(8):
            self._shop.tick(600)
            await self._shop.work()

    async def payments(self) -> list[dict[str, Any]]:
        """Return every payment of the storm's orders."""
        return [one for order in self.orders for one in await self._shop.payments(order)]

    async def _happen(self) -> None:
        order_id = self._dice.choice(self.orders)
        happening = self._dice.choice(
            [self._work, self._work, self._pay, self._pay, self._tell, self._forge, self._cancel]
        )
        await happening(order_id)

    async def _work(self, _: OrderId) -> None:
        self._shop.tick(self._dice.choice([1, 5, 40]))
        await self._shop.work()

    async def _pay(self, order_id: OrderId) -> None:
        for payment in await self._shop.payments(order_id):
            if payment["status"] == "REQUIRES_ACTION":
                self._provider.pay(payment["nextAction"]["url"].rpartition("/")[2])

    async def _cancel(self, order_id: OrderId) -> None:
        if self._dice.random() < 0.4:
            await self._shop.cancel(order_id)

    async def _tell(self, _: OrderId) -> None:
        """Deliver some webhooks: any of them, in any order, some twice, and drop some for good."""
        told = self._provider.events
        for body in self._dice.choices(told, k=4) if told else []:
            self._count(told, body)
            await self._send(body, self._provider.signed(body))
        if told and self._dice.random() < 0.3:
            self.webhooks["lost"] += told.pop(self._dice.randrange(len(told))) not in self._sent

    def _count(self, told: list[bytes], body: bytes) -> None:
        """Count how a webhook comes: ``told`` has all of them in the order of what they tell."""
        self.webhooks["delivered"] += 1
        self.webhooks["duplicate"] += body in self._sent
        later = told[told.index(body) + 1 :]
        self.webhooks["reordered"] += any(one in later for one in self._sent)
        self._sent.append(body)

    async def _forge(self, _: OrderId) -> None:
        """Send what must not be believed: under another's secret, or long after it was true."""
        if not self._provider.events:
            return
        body = self._dice.choice(self._provider.events)
        if self._dice.random() < 0.5:
            headers = self._provider.signed(body, "whsec_of_a_forger")
            self.webhooks["forged"] += 1
        else:
            headers = self._provider.signed(body, age_seconds=301)
            self.webhooks["stale"] += 1
        self.refused += await self._send(body, headers) == 400

    async def _send(self, body: bytes, headers: dict[str, str]) -> int:
        return (await self._shop.http.send("POST", self._hook, body, headers)).status
