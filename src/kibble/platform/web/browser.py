"""What a browser sends by itself: cookies, and where a request comes from.

A browser has its access token in a cookie, which it sends whoever made it call. So a call that is
not safe has to show that the shop's own pages made it (OWASP, Cross-Site Request Forgery).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from kibble.kernel.errors import Forbidden

ACCESS_COOKIE = "__Host-kibble"
HEADER = "x-kibble"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""What changes nothing (RFC 9110, section 9.2.1)."""


def cookie_of(request: Request, name: str) -> str | None:
    """Return a cookie's value; None when there is none or an empty one.

    Read by hand: a value of ours needs no unquoting, and a second cookie of the name is refused.
    """
    found = [
        value
        for header in request.headers.getlist("cookie")
        for key, _, value in (pair.strip().partition("=") for pair in header.split(";"))
        if key == name
    ]
    return found[0] if len(found) == 1 and found[0] else None


def require_own_page(request: Request) -> None:
    """Raise ``Forbidden`` unless a page of this very shop made the request.

    It takes a header that no other site's page can add without asking, and what the browser says
    of the page: its origin, or that it is of the same origin; one of them at least.
    """
    headers = request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    own = (
        headers.get(HEADER) == "1"
        and (site is not None or origin is not None)
        and (site is None or site == "same-origin")
        and (origin is None or is_own_origin(request, origin))
    )
    if not own:
        raise Forbidden("This call has to come from the shop's own pages.", code="cross-site")


def is_own_origin(request: Request, origin: str) -> bool:
    """Tell whether ``origin`` is the host that was asked."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    host = request.headers.get("host")
    return parts.scheme in ("http", "https") and host is not None and parts.netloc == host


def is_safe(request: Request) -> bool:
    """Tell whether a request is of a kind that changes nothing."""
    return request.method in SAFE
