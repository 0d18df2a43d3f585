"""Notification's use cases: requests, preferences, the inbox and its stream, delivery."""

from kibble.services.notification.service.delivery import DeliveryService, Shop
from kibble.services.notification.service.feed import InboxFeed
from kibble.services.notification.service.requests import NotificationService

__all__ = ["DeliveryService", "InboxFeed", "NotificationService", "Shop"]
