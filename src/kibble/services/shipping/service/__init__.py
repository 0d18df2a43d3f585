"""Shipping's use cases: what shipping costs, what ships, and the dealings with carriers."""

from kibble.services.shipping.service.destination import destination
from kibble.services.shipping.service.dispatch import Dispatcher
from kibble.services.shipping.service.packing import PackingService
from kibble.services.shipping.service.rates import RateService
from kibble.services.shipping.service.shipments import ShipmentService

__all__ = ["Dispatcher", "PackingService", "RateService", "ShipmentService", "destination"]
