"""What a handler answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.types import Message, Send

from kibble.kernel.paging import Page
from kibble.platform.security.sensitive import SECRET
from kibble.platform.web import json

T = TypeVar("T")

JSON = "application/json"


@dataclass(slots=True)
class Reply:
    """An answer: its body is JSON already encoded, bytes of another type, or a stream.

    ``cookies`` are the values of its Set-Cookie headers; an answer that is kept keeps none.
    ``secret`` tells that the body shows one, this once: it is not kept at all.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stream: AsyncIterator[bytes] | None = None
    cookies: list[str] = field(default_factory=list)
    secret: bool = False


def ok(value: object, *, etag: str | None = None) -> Reply:
    """Answer 200 with ``value`` as JSON; ``bytes`` are taken as JSON that is encoded already."""
    return _json(200, value, etag)


def created(value: object, location: str, *, etag: str | None = None) -> Reply:
    """Answer 201 with ``value`` and where it is."""
    reply = _json(201, value, etag)
    reply.headers["location"] = location
    return reply


def accepted(value: object) -> Reply:
    """Answer 202: it will be done."""
    return _json(202, value, None)


def see_other(location: str) -> Reply:
    """Answer 303: what was asked for is at ``location``."""
    return Reply(status=303, headers={"location": location, "cache-control": "no-store"})


def no_content() -> Reply:
    """Answer 204."""
    return Reply(status=204)


def listed(page: Page[T], render: Callable[[T], object], next_url: Callable[[str], str]) -> Reply:
    """Answer 200 with a JSON array, and a ``Link`` to the next page if there is one (RFC 8288)."""
    items = [render(item) for item in page.items]
    reply = ok(items)
    if page.cursor is not None:
        reply.headers["link"] = f'<{next_url(page.cursor)}>; rel="next"'
    return reply


def content(body: bytes, media_type: str) -> Reply:
    """Answer 200 with bytes of another type than JSON."""
    return Reply(body, headers={"content-type": media_type})


def event_stream(events: AsyncIterator[bytes]) -> Reply:
    """Answer 200 with server-sent events (https://html.spec.whatwg.org/#server-sent-events)."""
    headers = {"content-type": "text/event-stream", "cache-control": "no-store"}
    return Reply(headers=headers, stream=events)


def _json(status: int, value: object, etag: str | None) -> Reply:
    body = value if isinstance(value, bytes) else json.encode(value)
    headers = {"content-type": JSON}
    if etag is not None:
        headers["etag"] = f'"{etag}"'
    return Reply(body, status, headers, secret=_shows_secret(value))


def _shows_secret(value: object) -> bool:
    names: tuple[str, ...] = getattr(type(value), "__struct_fields__", ())
    return any(name in SECRET and getattr(value, name) for name in names)


async def send_reply(reply: Reply, send: Send, *, head: bool) -> None:
    """Send an answer over ASGI; only its head if ``head``."""
    headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()
    ]
    headers += [(b"set-cookie", cookie.encode("latin-1")) for cookie in reply.cookies]
    if reply.stream is None and reply.status != 204:  # noqa: PLR2004 - 204 has no body
        headers.append((b"content-length", str(len(reply.body)).encode()))
    start: Message = {"type": "http.response.start", "status": reply.status, "headers": headers}
    await send(start)
    if reply.stream is None or head:
        await send({"type": "http.response.body", "body": b"" if head else reply.body})
        return
    async for chunk in reply.stream:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
