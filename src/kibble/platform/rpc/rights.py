"""Whose rights decide about a call between services: never those of the calling service alone.

What is a customer's goes to whoever the customer's own request, or a member of staff's, is being
answered for: their token travels with the call. Where nobody waits (a mail that is due, an order
that comes round), a service says itself for which customer it works; only those that a procedure
names may, and in a request none may: it could be made to ask for what its user has no right to.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import Any

USER_HEADER = "x-kibble-user"
"""The token of the user for whom the caller is answering."""

BEHALF_HEADER = "x-kibble-behalf"
"""What a service says of itself where nobody waits: see ``TokenVerifier.behalf``."""

NOBODY = ""

_user: ContextVar[str | None] = ContextVar("user", default=None)


class Reach(Enum):
    """What a procedure reaches that is of no person, or whose caller needs no further right."""

    SHOP = "shop"
    """What is the shop's: the calling service's own scope decides."""

    PROOF = "proof"
    """Whatever the ask proves a right to by itself: by a password, a token, the id of a request.

    So does what the gateway alone asks, of a session whose token it has just checked.
    """


@dataclass(frozen=True, slots=True)
class OfCustomer:
    """What is of the customer whom the ask names as ``customer_id``.

    The customer may have it, staff with one of ``scopes``, and the services in ``background``
    where nobody waits.
    """

    scopes: frozenset[str]
    background: frozenset[str] = frozenset()


Rights = Reach | OfCustomer


@contextmanager
def acting_for(token: str) -> Generator[None]:
    """Have what runs inside be for the user of ``token``, or for ``NOBODY`` who has signed in."""
    before = _user.set(token)
    try:
        yield
    finally:
        _user.reset(before)


def context_of(rights: Rights, ask: Any, behalf: Callable[[str], str] | None) -> Mapping[str, str]:
    """Return the headers that tell for whom a call is made.

    ``behalf`` makes what a service says of itself for a customer.
    """
    if not isinstance(rights, OfCustomer):
        return {}
    token = _user.get()
    if token is not None:
        return {USER_HEADER: token} if token else {}
    return {BEHALF_HEADER: behalf(ask.customer_id)} if behalf else {}
