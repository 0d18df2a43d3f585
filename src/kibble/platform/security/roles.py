"""What each role may do: the one table from roles to scopes.

A route asks for a scope, never for a role. Customers need no scope for what is their own; a
member of staff has the scopes of all their roles together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_OPERATOR = frozenset(
    {
        "catalog:write",
        "inventory:write",
        "orders:read",
        "orders:write",
        "payments:read",
        "payments:write",
        "customers:read",
        "customers:write",
        "shipping:write",
        "notifications:write",
        "events:admin",
        "staff:admin",
        "clients:admin",
        "audit:read",
        "webhooks:admin",
    }
)

ROLES: Mapping[str, frozenset[str]] = {
    "customer": frozenset(),
    "support": frozenset(
        {"orders:read", "orders:write", "customers:read", "customers:write", "notifications:write"}
    ),
    "merchandiser": frozenset({"catalog:write", "orders:read"}),
    "warehouse": frozenset({"inventory:write", "orders:read", "shipping:write"}),
    "finance": frozenset({"orders:read", "payments:read", "payments:write", "customers:read"}),
    "admin": _OPERATOR,
}
"""The scopes of each role. None has a service's own scopes."""

CUSTOMER = "customer"
STAFF_ROLES = tuple(role for role in ROLES if role != CUSTOMER)


def scopes_of(roles: Iterable[str]) -> frozenset[str]:
    """Return what somebody with all of ``roles`` may do; raises ``KeyError`` for an unknown one."""
    return frozenset(scope for role in roles for scope in ROLES[role])
