"""Procedures: the typed calls that a service offers to its neighbours.

A procedure is named in ``contracts`` by the service that offers it. Its in-process client has a
method of the same name and fields; between processes it is ``POST /internal/SERVICE/NAME`` with
JSON both ways. Every procedure may be repeated: a caller that got no answer asks again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from kibble.platform.rpc.rights import OfCustomer, Rights
from kibble.platform.security.principal import SERVICE_SCOPE

A = TypeVar("A", bound="Ask")
R = TypeVar("R")


class Ask(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The base of what a procedure takes; its fields are the arguments of the client's method."""


@dataclass(frozen=True, slots=True)
class Procedure(Generic[A, R]):
    """One call: the service that offers it, its name, what it takes and what it answers.

    Who may call it has the scope of its ``group``, which is the service's own unless it is named:
    what only some of a service's callers need is a group of its own.
    """

    service: str
    name: str
    asks: type[A]
    answers: Any
    """The type ``R``, which may be a union or a generic alias."""

    rights: Rights
    """Whose rights decide, beside the scope of the calling service."""

    group: str = ""

    def __post_init__(self) -> None:
        """Refuse a procedure about a customer whom its ask does not name."""
        of_customer = isinstance(self.rights, OfCustomer)
        if of_customer and "customer_id" not in self.asks.__struct_fields__:
            raise TypeError(f"{self.path}: the ask names no customer_id")

    @property
    def scope(self) -> str:
        """The scope that a caller's own token must have."""
        return SERVICE_SCOPE + (self.group or self.service)

    @property
    def path(self) -> str:
        """The path of the call between processes."""
        return f"/internal/{self.service}/{self.name}"


class Neighbour(Protocol):
    """Another service, wherever it runs."""

    async def call(self, procedure: Procedure[A, R], ask: A) -> R:
        """Return what the neighbour answers; raises the errors that it raises.

        ``Unavailable`` when it is away, ``TimedOut`` when it did not answer in time: then it may
        have done what was asked.
        """
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """A procedure, and what answers it."""

    procedure: Procedure[Any, Any]
    answer: Callable[[Any], Awaitable[Any]]


def offer(procedure: Procedure[A, R], method: Callable[..., Awaitable[R]]) -> Offer:
    """Return the offer of ``procedure`` that calls ``method`` with the fields of what is asked."""

    async def answer(ask: A) -> R:
        return await method(**{name: getattr(ask, name) for name in ask.__struct_fields__})

    return Offer(procedure, answer)
