"""What a shop is made of, by name: read by both profiles, so it imports nothing."""

from __future__ import annotations

SERVICES = (
    "product",
    "inventory",
    "order",
    "payment",
    "customer",
    "recommendation",
    "shipping",
    "notification",
)
GATEWAY = "gateway"
"""The process that answers what belongs to no service."""

SERVED = (*SERVICES, GATEWAY)
"""What ``kibble serve`` runs in every shop."""

OUTLETS = "outlets"
"""The process that tells others of events, in a shop whose settings name some."""
