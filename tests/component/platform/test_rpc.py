"""Calls between services over HTTP: values and errors as in process, deadlines, refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from kibble.contracts.address import Address
from kibble.contracts.inventory import (
    RESERVE,
    Allocation,
    Demand,
    RemoteInventory,
    Reservation,
    Shortage,
)
from kibble.contracts.shipping import QUOTE, RemoteShipping, ShippingOption, WeighedItem
from kibble.kernel.errors import Conflict, InvalidInput, NotFound, TimedOut, Unavailable
from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.engines.http import HttpNeighbour
from kibble.platform.rpc import Offer, deadline_in, offer, remaining_seconds
from kibble.platform.security.keys import load_or_make_key
from kibble.platform.security.tokens import TokenIssuer, TokenVerifier
from kibble.platform.web import internal
from kibble.platform.web.app import WebApp
from tests.fixtures.eventually import eventually
from tests.fixtures.process import free_port

MOMENT = datetime(2026, 3, 2, 15, tzinfo=UTC)
ORDER, PRODUCT, WAREHOUSE = OrderId("o"), ProductId("p"), WarehouseId("w")
ADDRESS = Address(street="123 Main St", city="Boston", state="MA", zip_code="02118")


@dataclass
class Depot:
    """What is asked: it answers with what a test has put here."""

    answers: list[object] = field(default_factory=list)
    asked: list[tuple[object, ...]] = field(default_factory=list)
    left: list[float | None] = field(default_factory=list)

    async def reserve(
        self, order_id: OrderId, demands: Sequence[Demand], expires_at: datetime
    ) -> Reservation | list[Shortage]:
        self.asked.append((order_id, demands, expires_at))
        answer: Reservation | list[Shortage] = await self._next()
        return answer

    async def quote(
        self,
        method: str,
        address: Address,
        weight_grams: int,
        items: Sequence[WeighedItem] = (),
    ) -> ShippingOption | None:
        self.asked.append((method, address, weight_grams))
        answer: ShippingOption | None = await self._next()
        return answer

    async def _next(self) -> Any:
        self.left.append(remaining_seconds(SystemClock()))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return None
        return answer


class Line:
    """A neighbour that listens, and one who calls it."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        key = load_or_make_key(folder / "key.json")
        ids = Uuid7Ids(self.clock, system_randomness())
        self.issuer = TokenIssuer(key, self.clock, ids)
        self.verifier = TokenVerifier(key, self.clock)
        self.port = free_port()
        self.depot = Depot()
        self.scopes = [RESERVE.scope, QUOTE.scope]
        self.neighbour = HttpNeighbour(
            "inventory",
            f"http://127.0.0.1:{self.port}",
            self.clock,
            system_randomness(),
            lambda: self.issuer.for_client("order", self.scopes, timedelta(minutes=5)),
        )
        self.inventory = RemoteInventory(self.neighbour)
        self.shipping = RemoteShipping(self.neighbour)

    @property
    def offers(self) -> list[Offer]:
        return [offer(RESERVE, self.depot.reserve), offer(QUOTE, self.depot.quote)]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        app = WebApp(internal.routes(self.offers, self.clock, self.verifier), self.verifier)
        config = uvicorn.Config(app, port=self.port, lifespan="off", log_level="error")
        server = uvicorn.Server(config)

        async def is_started() -> bool:
            return server.started

        serving = asyncio.create_task(server.serve())
        await eventually(is_started, until=bool)
        yield
        server.should_exit = True
        await serving


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    """A line that is open."""
    line = Line(tmp_path)
    async with line.open():
        yield line
        await line.neighbour.close()


async def reserve(line: Line) -> Reservation | list[Shortage]:
    return await line.inventory.reserve(ORDER, [Demand(product_id=PRODUCT, quantity=2)], MOMENT)


class TestAnswers:
    async def test_come_as_the_types_that_the_neighbour_gave(self, line: Line) -> None:
        taken = Allocation(product_id=PRODUCT, warehouse_id=WAREHOUSE, quantity=2)
        given = Reservation(order_id=ORDER, expires_at=MOMENT, allocations=[taken])
        line.depot.answers = [given]
        assert await reserve(line) == given
        assert line.depot.asked == [(ORDER, [Demand(product_id=PRODUCT, quantity=2)], MOMENT)]

    async def test_may_be_one_of_several_types(self, line: Line) -> None:
        given = [Shortage(product_id=PRODUCT, requested=2, available=1)]
        line.depot.answers = [given]
        assert await reserve(line) == given

    async def test_may_be_nothing(self, line: Line) -> None:
        line.depot.answers = [None]
        assert await line.shipping.quote("standard", ADDRESS, 500) is None
        assert line.depot.asked == [("standard", ADDRESS, 500)]


class TestErrors:
    async def test_are_those_that_the_neighbour_raised(self, line: Line) -> None:
        line.depot.answers = [Conflict("Settled.", code="hold-settled", details={"state": "X"})]
        with pytest.raises(Conflict) as raised:
            await reserve(line)
        error = raised.value
        assert (error.message, error.code, error.details) == (
            "Settled.",
            "hold-settled",
            {"state": "X"},
        )

    async def test_point_at_the_fields_that_the_neighbour_refused(self, line: Line) -> None:
        line.depot.answers = [InvalidInput.at("/shippingAddress/zipCode", "is nowhere")]
        with pytest.raises(InvalidInput) as raised:
            await line.shipping.quote("standard", ADDRESS, 500)
        (wrong,) = raised.value.errors
        assert (wrong.pointer, wrong.detail) == ("/shippingAddress/zipCode", "is nowhere")

    async def test_are_not_asked_for_again_when_they_are_answers(self, line: Line) -> None:
        line.depot.answers = [NotFound("Nothing."), None]
        with pytest.raises(NotFound):
            await line.shipping.quote("standard", ADDRESS, 500)
        assert len(line.depot.asked) == 1

    async def test_of_a_neighbour_that_is_away_for_a_moment_are_got_over(self, line: Line) -> None:
        line.depot.answers = [Unavailable("Busy."), None]
        assert await line.shipping.quote("standard", ADDRESS, 500) is None
        assert len(line.depot.asked) == 2

    async def test_of_a_bug_tell_nothing_of_it(self, line: Line) -> None:
        line.depot.answers = [ZeroDivisionError("secret")] * 3
        with pytest.raises(Unavailable) as raised:
            await reserve(line)
        assert "secret" not in str(raised.value)

    async def test_say_that_nobody_listens(self, tmp_path: Path) -> None:
        line = Line(tmp_path)
        with pytest.raises(Unavailable):
            await reserve(line)
        await line.neighbour.close()

    async def test_refuse_who_is_no_service(self, line: Line) -> None:
        line.scopes = ["inventory:write", "orders:write"]
        with pytest.raises(Exception, match="needs the scope service"):
            await reserve(line)
        assert line.depot.asked == []


class TestDeadlines:
    async def test_are_carried_on_to_the_neighbour(self, line: Line) -> None:
        line.depot.answers = [None]
        with deadline_in(0.8, line.clock):
            await line.shipping.quote("standard", ADDRESS, 500)
        (left,) = line.depot.left
        assert left is not None
        assert 0 < left <= 0.8

    async def test_end_work_that_nobody_waits_for(self, line: Line) -> None:
        line.depot.answers = [30.0] * 3
        with pytest.raises(TimedOut), deadline_in(0.2, line.clock):
            await line.shipping.quote("standard", ADDRESS, 500)

    async def test_that_are_over_ask_nobody(self, line: Line) -> None:
        with pytest.raises(TimedOut), deadline_in(-1, line.clock):
            await line.shipping.quote("standard", ADDRESS, 500)
        assert line.depot.asked == []
