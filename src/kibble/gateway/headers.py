"""The headers that tell a browser what an answer may do (OWASP ASVS 5.0, 3.4).

The API's answers may do nothing. The shop's own pages take scripts, styles, pictures and data from
the shop alone. Nothing inline runs but what carries the answer's nonce, or is named by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from kibble.gateway.flows import REPORTS_PATH

SECURITY_HEADERS: list[tuple[bytes, bytes]] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
    (b"x-frame-options", b"DENY"),
]
"""On every answer, whatever its kind and status."""

STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
"""On every answer over TLS: a year, as RFC 6797 means it."""

CONTENT_POLICY = b"content-security-policy"
API_POLICY = (CONTENT_POLICY, b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
"""Of an answer that is no page."""


def page_policy(nonce: str = "", hashes: Iterable[str] = ()) -> str:
    """Return the Content-Security-Policy of a page of the shop.

    Inline styles and scripts run when their elements have the attribute ``nonce`` with this value,
    or when ``hashes`` has what ``inline_hash`` returned for their text. A nonce is for one answer
    alone: at least 128 random bits. Pictures may come from a supplier's server, since a feed names
    them by address; ``base-uri`` is the shop itself, since a single-page application needs its
    <base>.
    """
    inline = "".join(f" 'sha256-{value}'" for value in hashes)
    inline = f" 'nonce-{nonce}'{inline}" if nonce else inline
    return (
        "default-src 'none'; "
        f"script-src 'self'{inline}; style-src 'self'{inline}; "
        "img-src 'self' data: https:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; "
        f"object-src 'none'; report-uri {REPORTS_PATH}"
    )


def inline_hash(text: str) -> str:
    """Return what names an inline script or style in a policy (CSP 3, section 2.3.1)."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
