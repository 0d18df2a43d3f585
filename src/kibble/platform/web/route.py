"""The table of a service's routes: what each takes, who may call it, what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import msgspec

from kibble.platform.web.call import Call
from kibble.platform.web.ownership import Owned
from kibble.platform.web.reply import Reply

B = TypeVar("B")
Q = TypeVar("Q")

MAX_JSON_BYTES = 1 << 20


class Caller(Enum):
    """Who may call a route that reaches nothing of anybody."""

    ANYONE = "anyone"

    def __str__(self) -> str:
        """Return who may, for people to read."""
        return self.value


Access = Caller | str | Owned
"""Anyone, the name of the scope that the token must have, or whose it is."""

ANYONE = Caller.ANYONE


@dataclass(frozen=True, slots=True)
class Route:
    """One row: a method and a path whose ``{names}`` are parameters, and the handler behind it.

    ``body`` and ``query`` are msgspec structs, or ``type(None)`` for none. ``takes`` lists the
    media types of a body that the handler reads raw (uploads), up to ``max_bytes``. ``cached`` lets
    the edge keep answers. ``conditional`` tells that the handler asks ``require_version``, so that
    If-Match names what may be changed. With ``own_login`` the handler reads who calls by itself:
    the caller is an OAuth client, not the bearer of a token.

    The rest is for the documentation: ``form`` is the type of a form's fields; ``answer`` is the
    type of the answer's body, or ``gives`` its media types when it is no JSON; ``also`` has further
    statuses of this route with the types of their bodies (None for none); ``refuses`` is the media
    type, and the type if it is JSON, of its 400 and 401, where they are no problem details.
    """

    method: str
    path: str
    handler: Callable[[Call[Any, Any]], Awaitable[Reply]]
    summary: str
    access: Access
    body: Any = type(None)
    query: Any = type(None)
    answer: Any = None
    status: int = 200
    takes: tuple[str, ...] = ()
    max_bytes: int = MAX_JSON_BYTES
    cached: bool = False
    gives: tuple[str, ...] = ()
    also: tuple[tuple[int, Any], ...] = ()
    own_login: bool = False
    refuses: tuple[str, Any] | None = None
    conditional: bool = False
    form: Any = None

    @property
    def needs_token(self) -> bool:
        """Tell whether nobody may call without a token."""
        is_open = isinstance(self.access, Owned) and self.access.is_open
        return self.access is not ANYONE and not is_open

    @property
    def body_optional(self) -> bool:
        """Tell whether the body may be left out: none of its fields is required."""
        return not any(field.required for field in msgspec.structs.fields(self.body))

    @property
    def service(self) -> str:
        """Whose the route is: the service, or the part of the platform, that its handler is of."""
        owner = getattr(self.handler, "__self__", self.handler)
        parts = type(owner).__module__.split(".")
        return parts[2] if parts[1:2] == ["services"] else parts[1 if len(parts) > 1 else 0]

    @property
    def operation(self) -> str:
        """The handler's name, which names the operation."""
        name: str = self.handler.__name__
        return name


def get(
    path: str,
    handler: Callable[[Call[None, Q]], Awaitable[Reply]],
    summary: str,
    access: Access,
    *,
    query: type[Q] | type[None] = type(None),
    answer: Any = None,
    cached: bool = False,
    gives: tuple[str, ...] = (),
    also: tuple[tuple[int, Any], ...] = (),
    refuses: tuple[str, Any] | None = None,
) -> Route:
    """Return the row of a read."""
    return Route(
        "GET",
        path,
        handler,
        summary,
        access,
        query=query,
        answer=answer,
        cached=cached,
        gives=gives,
        also=also,
        refuses=refuses,
    )


def write(
    method: str,
    path: str,
    handler: Callable[[Call[B, Q]], Awaitable[Reply]],
    summary: str,
    access: Access,
    *,
    body: type[B] | type[None] = type(None),
    query: type[Q] | type[None] = type(None),
    answer: Any = None,
    status: int = 200,
    also: tuple[tuple[int, Any], ...] = (),
    conditional: bool = False,
) -> Route:
    """Return the row of a write whose body, if any, is JSON."""
    return Route(
        method,
        path,
        handler,
        summary,
        access,
        body=body,
        query=query,
        answer=answer,
        status=status,
        also=also,
        conditional=conditional,
    )


def upload(
    path: str,
    handler: Callable[[Call[None, Q]], Awaitable[Reply]],
    summary: str,
    access: Access,
    *,
    takes: tuple[str, ...],
    max_bytes: int,
    query: type[Q] | type[None] = type(None),
    answer: Any = None,
    status: int = 201,
) -> Route:
    """Return the row of a POST whose handler reads the body itself."""
    return Route(
        "POST",
        path,
        handler,
        summary,
        access,
        query=query,
        answer=answer,
        status=status,
        takes=takes,
        max_bytes=max_bytes,
    )
