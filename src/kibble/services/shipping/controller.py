"""Shipping over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import OrderId, ProductId, ShipmentId, WarehouseId
from kibble.kernel.paging import Page
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.web.call import Call, Seal
from kibble.platform.web.ownership import LINK, By, owned
from kibble.platform.web.reply import Reply, content, created, listed, no_content, ok
from kibble.platform.web.route import ANYONE, Route, get, upload, write
from kibble.services.shipping.errors import ShipmentNotFound
from kibble.services.shipping.model.packing import Parcel
from kibble.services.shipping.model.tariff import FEDEX, UPS
from kibble.services.shipping.schemas import (
    AskRates,
    ItemToShip,
    LabelQuery,
    NewShipment,
    OrderQuery,
    PackingQuery,
    PackingView,
    ParcelToShip,
    RateView,
    SetStage,
    ShipmentView,
    TrackingView,
)
from kibble.services.shipping.service import (
    Dispatcher,
    PackingService,
    RateService,
    ShipmentService,
    destination,
)

WRITE = "shipping:write"
MAX_NOTICE_BYTES = 1 << 18
READ_ORDERS = "orders:read"
MAX_TOTAL_GRAMS = 2_000_000
"""Beyond two tonnes nobody sends parcels; it also bounds the work of packing for a stranger."""


class ShippingController:
    """One method a route."""

    def __init__(
        self,
        rates: RateService,
        shipments: ShipmentService,
        packing: PackingService,
        dispatcher: Dispatcher,
        store: Store,
    ) -> None:
        self._rates = rates
        self._shipments = shipments
        self._packing = packing
        self._dispatcher = dispatcher
        self._store = store

    async def ask_rates(self, call: Call[AskRates, None]) -> Reply:
        """POST /api/shipping/rates."""
        body = call.body
        parcels = await self._parcels(body.items, body.parcels)
        rates = await self._rates.options(body.address.to_model(), parcels)
        return ok([RateView.of(rate) for rate in rates])

    async def track(self, call: Call[None, None]) -> Reply:
        """GET /api/shipping/track/{trackingNumber}."""
        shipment = await self._shipments.track(call.path["trackingNumber"].strip().upper())
        return ok(TrackingView.of(shipment), etag=str(shipment.version))

    async def list_shipments(self, call: Call[None, OrderQuery]) -> Reply:
        """GET /api/shipping?orderId: those that the caller may see."""
        found = await self._shipments.of_order(OrderId(call.query.order_id.lower()))
        seen = call.reached(found, lambda shipment: (shipment.customer_id, shipment.order_id))
        return listed(Page(seen), ShipmentView.of, call.next_url)

    async def get_shipment(self, call: Call[None, None]) -> Reply:
        """GET /api/shipping/{shipmentId}."""
        shipment = await self._shipments.shipment(ShipmentId(call.id("shipmentId")))
        call.require_reach(shipment.customer_id, ShipmentNotFound(), order_id=shipment.order_id)
        return ok(ShipmentView.of(shipment), etag=str(shipment.version))

    async def create_shipment(self, call: Call[NewShipment, None]) -> Reply:
        """POST /api/shipping: the answer has the label's number, unless the carrier is away.

        The shipment is durable before the carrier is called, under the request's key: a repeat
        after a crash finds it, and buys no second label.
        """
        body = call.body
        parcels = await self._parcels(body.items, body.parcels)

        async def work(seal: Seal) -> Reply:
            use_case = partial(
                self._shipments.request,
                OrderId(body.order_id.lower()),
                parcels,
                address=destination(body.address) if body.address else None,
                method=body.method,
                request_key=call.idempotency_key,
            )
            requested = await commit_outcome(self._store, use_case)
            await self._dispatcher.advance(requested.id)
            shipment = await self._shipments.shipment(requested.id)
            reply = created(ShipmentView.of(shipment), f"/api/shipping/{shipment.id}")
            if sealed := seal(reply):
                await self._store.commit(Changes(), reply=sealed)
            return reply

        return await call.once(self._store, work)

    async def list_packing(self, call: Call[None, PackingQuery]) -> Reply:
        """GET /api/shipping/packing?warehouseId."""
        warehouse_id = WarehouseId(call.query.warehouse_id.lower())
        found = await self._packing.to_pack(warehouse_id, call.query.limit)
        return listed(Page(found), PackingView.of, call.next_url)

    async def set_stage(self, call: Call[SetStage, None]) -> Reply:
        """PUT /api/shipping/{shipmentId}/packing."""
        shipment_id = ShipmentId(call.id("shipmentId"))
        return await call.transact(
            self._store,
            lambda: self._packing.move(shipment_id, call.body.stage),
            lambda packed: ok(PackingView.of(packed)),
        )

    async def print_label(self, call: Call[None, LabelQuery]) -> Reply:
        """GET /api/shipping/{shipmentId}/label."""
        shipment = await self._shipments.shipment(ShipmentId(call.id("shipmentId")))
        label = await self._dispatcher.print_label(shipment, call.query.parcel)
        return content(label.content, label.media_type)

    async def take_ups_notice(self, call: Call[None, None]) -> Reply:
        """POST /api/shipping/webhooks/ups."""
        return await self._take_notice(UPS, call)

    async def take_fedex_notice(self, call: Call[None, None]) -> Reply:
        """POST /api/shipping/webhooks/fedex."""
        return await self._take_notice(FEDEX, call)

    async def _take_notice(self, carrier: str, call: Call[None, None]) -> Reply:
        """Check who wrote it, then look at the parcels that it names; a repeat looks once more."""
        headers = call.request.headers
        for number in self._dispatcher.read_notices(carrier, headers, call.raw_body):
            await commit_outcome(self._store, partial(self._shipments.notice, number))
        return no_content()

    async def _parcels(
        self, items: list[ItemToShip] | None, parcels: list[ParcelToShip] | None
    ) -> tuple[Parcel, ...]:
        if (items is None) == (parcels is None):
            raise InvalidInput.at("/items", "either items or parcels are required")
        if parcels is not None:
            return tuple(Parcel(parcel.weight_grams) for parcel in parcels)
        quantities = [(ProductId(item.product_id), item.quantity) for item in items or []]
        weighed = await self._rates.weigh(quantities)
        if sum(item.quantity * item.weight_grams for item in weighed) > MAX_TOTAL_GRAMS:
            raise InvalidInput.at("/items", "must not weigh more than 2,000 kg together")
        return self._rates.pack(weighed)


def _webhook(name: str, handler: Callable[[Call[None, None]], Awaitable[Reply]]) -> Route:
    return upload(
        f"/api/shipping/webhooks/{name}",
        handler,
        "What the carrier tells of parcels, under its signature",
        ANYONE,
        takes=("application/json",),
        max_bytes=MAX_NOTICE_BYTES,
        status=204,
    )


def routes(controller: ShippingController) -> list[Route]:
    """Return Shipping's table of routes."""
    c = controller
    shipping = "/api/shipping"
    reading = owned(By.THING, WRITE, READ_ORDERS)
    shipment = f"{shipping}/{{shipmentId}}"
    return [
        write(
            "POST",
            f"{shipping}/rates",
            c.ask_rates,
            "What shipping costs, the cheapest first",
            ANYONE,
            body=AskRates,
            answer=list[RateView],
        ),
        get(
            f"{shipping}/track/{{trackingNumber}}",
            c.track,
            "Where a parcel is",
            LINK,
            answer=TrackingView,
        ),
        get(
            shipping,
            c.list_shipments,
            "An order's shipments",
            reading,
            query=OrderQuery,
            answer=list[ShipmentView],
        ),
        write(
            "POST",
            shipping,
            c.create_shipment,
            "Ship one more shipment of an order",
            WRITE,
            body=NewShipment,
            answer=ShipmentView,
            status=201,
        ),
        _webhook("ups", c.take_ups_notice),
        _webhook("fedex", c.take_fedex_notice),
        get(
            f"{shipping}/packing",
            c.list_packing,
            "What a warehouse has to pack, the oldest first",
            WRITE,
            query=PackingQuery,
            answer=list[PackingView],
        ),
        write(
            "PUT",
            f"{shipment}/packing",
            c.set_stage,
            "Say that a shipment is picked or packed",
            WRITE,
            body=SetStage,
            answer=PackingView,
        ),
        get(shipment, c.get_shipment, "A shipment", reading, answer=ShipmentView),
        get(
            f"{shipment}/label",
            c.print_label,
            "A label to print",
            WRITE,
            query=LabelQuery,
            gives=("image/png", "application/pdf"),
            also=((409, None),),
        ),
    ]
