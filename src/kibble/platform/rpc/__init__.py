"""Calls between services: what one offers and another asks, whatever is between them."""

from kibble.platform.rpc.deadline import deadline_in, remaining_seconds
from kibble.platform.rpc.procedure import SCOPE_PREFIX, Ask, Neighbour, Offer, Procedure, offer

__all__ = [
    "SCOPE_PREFIX",
    "Ask",
    "Neighbour",
    "Offer",
    "Procedure",
    "deadline_in",
    "offer",
    "remaining_seconds",
]
