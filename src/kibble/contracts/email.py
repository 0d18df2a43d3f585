r"""An e-mail address, as every service takes it.

The pattern is a regular expression that Python and JSON Schema read alike. It ends in ``$(?!\n)``
because Python's ``$`` alone also matches before a last line break.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

MAX_EMAIL = 254
"""The longest address that SMTP's 256-octet path holds (RFC 5321, section 4.5.3.1.3)."""

_TEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

EMAIL_PATTERN = (
    rf"^{_TEXT}(?:\.?{_TEXT}){{0,63}}"
    rf"@(?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]$(?!\n)"
)
"""A dot-atom of at most 64 characters, dots aside, at a domain of two labels or more (RFC 5321).

Quoted local parts, address literals and addresses beyond ASCII are refused: nobody's shop
account has one, and much software on the way mistreats them.
"""

Email = Annotated[
    str,
    msgspec.Meta(
        pattern=EMAIL_PATTERN,
        max_length=MAX_EMAIL,
        description="an e-mail address, such as sam@example.com",
        examples=["sam@example.com"],
    ),
]
"""What someone can be mailed at; its description completes "must be"."""
