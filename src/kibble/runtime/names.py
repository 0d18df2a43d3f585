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
"""What ``kibble serve`` can run."""
