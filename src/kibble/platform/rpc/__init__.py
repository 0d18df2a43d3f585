"""Calls between services: what one offers and another asks, whatever is between them."""

from kibble.platform.rpc.deadline import deadline_in, remaining_seconds
from kibble.platform.rpc.procedure import Ask, Neighbour, Offer, Procedure, offer

__all__ = [
    "Ask",
    "Neighbour",
    "Offer",
    "Procedure",
    "deadline_in",
    "offer",
    "remaining_seconds",
]
