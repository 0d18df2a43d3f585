"""Calls between services: what one offers and another asks, whatever is between them."""

from kibble.platform.rpc.deadline import deadline_in, remaining_seconds
from kibble.platform.rpc.procedure import Ask, Neighbour, Offer, Procedure, offer
from kibble.platform.rpc.rights import OfCustomer, Reach, Rights, acting_for, context_of

__all__ = [
    "Ask",
    "Neighbour",
    "OfCustomer",
    "Offer",
    "Procedure",
    "Reach",
    "Rights",
    "acting_for",
    "context_of",
    "deadline_in",
    "offer",
    "remaining_seconds",
]
