"""Notification's use cases: requests, preferences, the inbox, delivery, who waits for what."""

from kibble.services.notification.service.delivery import DeliveryService, Shop
from kibble.services.notification.service.digests import DigestService
from kibble.services.notification.service.feed import InboxFeed
from kibble.services.notification.service.guests import Confirming, GuestService
from kibble.services.notification.service.requests import NotificationService
from kibble.services.notification.service.restocks import RestockService
from kibble.services.notification.service.unsubscribing import Unsubscribing

__all__ = [
    "Confirming",
    "DeliveryService",
    "DigestService",
    "GuestService",
    "InboxFeed",
    "NotificationService",
    "RestockService",
    "Shop",
    "Unsubscribing",
]
