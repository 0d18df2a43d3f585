"""Whose what a route reaches is, and who else may have it: declared in the table of routes.

Here is the one place where it is decided. Where the request itself names the owner it is decided
before the handler runs; where only the thing tells, the handler asks, and no answer leaves and no
use case begins before it has (see ``Claim.require_settled``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from kibble.kernel.errors import Forbidden, KibbleError, NotFound, Unauthenticated
from kibble.kernel.ids import CustomerId, is_id
from kibble.platform.security.principal import Principal

CUSTOMER = "customerId"
OF_SOMEBODY = frozenset(
    {
        CUSTOMER,
        "userId",
        "orderId",
        "cartId",
        "subscriptionId",
        "paymentId",
        "methodId",
        "shipmentId",
        "trackingNumber",
        "notificationId",
        "sessionId",
        "passkeyId",
    }
)
"""The names, in paths, queries and bodies, of what belongs to somebody."""
_NAMES = ("customer_id", "user_id")


class By(Enum):
    """What tells whose it is."""

    PATH = "path"
    """``customerId`` in the path."""

    ACCOUNT = "account"
    """``customerId`` in the path, of whoever calls in person: no client that acts for them does."""

    QUERY = "query"
    """``customerId`` or ``userId`` in the query; without it, it is the caller's own."""

    BODY = "body"
    """``customerId`` or ``userId`` in the body."""

    CALLER = "caller"
    """The caller, who has to be a customer: nobody else's can be named."""

    THING = "thing"
    """The thing that is found, which the handler asks for."""

    SEARCH = "search"
    """The use case, which is told who asks and finds nothing of another customer."""

    LINK = "link"
    """Nothing: it shows nothing of a person, and whoever was given its id may have it."""


@dataclass(frozen=True, slots=True)
class Owned:
    """An access: the owner may, and staff with any of ``scopes``.

    To other customers a thing does not exist; staff and programs, who own nothing, are told the
    scope that they lack. With ``guests`` no token is needed: what is a guest's own belongs to
    whoever knows its id.
    """

    by: By
    scopes: tuple[str, ...] = ()
    guests: bool = False

    @property
    def is_open(self) -> bool:
        """Tell whether somebody without a token may call."""
        return self.guests or self.by is By.LINK

    def __str__(self) -> str:
        """Return who may, for people to read."""
        if self.by is By.LINK:
            return "who has the link"
        return " or ".join(["the owner", *self.scopes])


def owned(by: By, *scopes: str, guests: bool = False) -> Owned:
    """Return the access of what is somebody's."""
    return Owned(by, scopes, guests)


LINK = Owned(By.LINK)
OWN = Owned(By.CALLER)


@dataclass(slots=True)
class Claim:
    """What one caller makes of a route's rule; without a rule there is nothing to settle."""

    rule: Owned | None = None
    caller: Principal | None = None
    is_settled: bool = False

    def settle(self, path: dict[str, str], query: Any, body: Any) -> None:
        """Decide by the request; raises ``Forbidden``, ``NotFound``, ``Unauthenticated``."""
        by = self.rule.by if self.rule else None
        if by in (None, By.SEARCH):
            return
        if by is By.THING:
            self._require_scope_of_programs()
            return
        if by is By.ACCOUNT:
            self._require_in_person(id_in(path, CUSTOMER))
        elif by is By.CALLER:
            self.customer()
        elif by is By.PATH:
            self._require_named(id_in(path, CUSTOMER))
        elif by is not By.LINK:
            named = _customer_in(query if by is By.QUERY else body)
            self._require_named(named or self._principal.customer_id)
        self.is_settled = True

    def _require_named(self, customer_id: str | None) -> None:
        if self.reaches(customer_id):
            return
        self._require_scope_of_programs()
        raise Forbidden("This belongs to another customer.", code="not-yours")

    def _require_scope_of_programs(self) -> None:
        """Raise ``Forbidden`` with the scope that staff or a program lacks: nothing is theirs.

        It is told before anything is looked for, so that nobody learns what there is.
        """
        is_program = self._principal.customer_id is None and self._principal.order_id is None
        if is_program and self.rule is not None and self.rule.scopes and not self._has_scope():
            self._principal.require_scope(self.rule.scopes[0])

    def _require_in_person(self, account_id: str) -> None:
        if not (self._principal.is_in_person(account_id) or self._has_scope()):
            raise Forbidden("This belongs to another account.", code="not-yours")

    def customer(self) -> CustomerId:
        """Return the calling customer; raises ``Forbidden`` for a caller that is none."""
        customer_id = self._principal.customer_id
        if customer_id is None:
            raise Forbidden("Only customers have what is asked for.", code="not-a-customer")
        return customer_id

    def require(self, customer_id: str | None, order_id: str | None, absent: KibbleError) -> None:
        """Raise ``absent`` unless the caller may have a customer's thing, or one of an order."""
        self.is_settled = True
        if not self.reaches(customer_id, order_id):
            raise absent

    def reaches(self, customer_id: str | None, order_id: str | None = None) -> bool:
        """Tell whether the caller may have a customer's thing, or one of a guest's order."""
        caller = self._principal
        of_order = order_id is not None and caller.order_id == order_id
        return caller.owns(customer_id) or of_order or self._has_scope()

    def require_settled(self) -> None:
        """Raise ``RuntimeError`` where a handler goes on without having asked whose it is."""
        if self.rule is not None and not self.is_settled:
            raise RuntimeError("a route's owner rule was not asked")

    def _has_scope(self) -> bool:
        return self.rule is not None and any(map(self._principal.has, self.rule.scopes))

    @property
    def _principal(self) -> Principal:
        if self.caller is None:
            raise Unauthenticated("Sign in first.")
        return self.caller


def id_in(path: dict[str, str], name: str) -> str:
    """Return a path's parameter that is an id; raises ``NotFound`` when it is none."""
    value = path[name].lower()
    if not is_id(value):
        raise NotFound("There is no such thing.")
    return value


def declared_or_raise(access: object, path: str, query: Any, body: Any) -> None:
    """Raise ``ValueError`` for a route that reaches what is somebody's and does not say whose.

    ``query`` and ``body`` are the types that it takes. A scope is staff's, and says enough.
    """
    if isinstance(access, Owned):
        _require_name(access, path, query, body)
        return
    reached = {part[1:-1] for part in path.split("/") if part.startswith("{")}
    reached |= _encoded(query) | _encoded(body)
    if not isinstance(access, str) and (named := reached & OF_SOMEBODY):
        raise ValueError(f"{path}: it is not declared whose {', '.join(sorted(named))} may be")


def _require_name(access: Owned, path: str, query: Any, body: Any) -> None:
    told = {
        By.PATH: f"{{{CUSTOMER}}}" in path,
        By.ACCOUNT: f"{{{CUSTOMER}}}" in path,
        By.QUERY: _field(query) is not None,
        By.BODY: _field(body) is not None,
    }
    if not told.get(access.by, True):
        raise ValueError(f"{path}: its {access.by.value} names no customer")


def _field(kind: Any) -> str | None:
    names = getattr(kind, "__struct_fields__", ())
    return next((name for name in _NAMES if name in names), None)


def _customer_in(asked: Any) -> str | None:
    field = _field(type(asked))
    return getattr(asked, field) if field else None


def _encoded(kind: Any) -> set[str]:
    if not hasattr(kind, "__struct_fields__"):
        return set()
    return {field.encode_name for field in msgspec.structs.fields(kind)}
