"""What a page may load and run (Content Security Policy Level 3): its own files, nothing inline."""

from __future__ import annotations


def page_policy(nonce: str) -> str:
    """Return the policy of a page whose styles that scripts add carry ``nonce``.

    Pictures may come from a supplier's server: a feed names them by address.
    """
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data: https:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
