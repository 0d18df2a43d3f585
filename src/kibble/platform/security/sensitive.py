"""What is personal or secret, by the names that fields have in the API, in events and in stores.

The one table of personal data. What is logged, and what the audit log keeps, is shielded by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec

from kibble.kernel.cards import has_check_digit
from kibble.kernel.personal import marks

SECRET = frozenset(
    "access_token accessToken authenticator_data authenticatorData authorization client_data"
    " clientData client_secret credential_id credentialId code_verifier cookie credential"
    " device new_password newPassword old_password otp passphrase password password_hash"
    " paymentToken payment_token recovery_code recovery_codes recoveryCodes refresh_token"
    " refreshToken secret set_cookie signature token totp x_kibble".split()
)
"""What opens something: never logged, never kept in the audit log."""

PERSONAL = frozenset(
    "address addresses agent allergies birth_date birthDate birthday breed city contact"
    " email first_name firstName ip last4 last_name lastName line1 line2 name1 new_email"
    " newEmail pending_email pendingEmail pet pet_name petName pets phone phone_e164"
    " phoneE164 postal_code postalCode recipient shipping_address shippingAddress sms"
    " street street2 to user_agent userAgent username zip zip_code zipCode".split()
)
"""What tells of a person."""

PERSONAL_NAMES_OF = frozenset({"customer", "recipient", "contact", "pet", "account"})
"""The things whose ``name`` is a person's (a product's is not)."""

IN_WORDS = frozenset({"reason", "text"})
"""What people tell in words of their own, of others too: a log of errors has reasons of its own."""

SHIELDED = "***"
MAX_DEPTH = 8
MAX_TEXT = 500

_SECRETLY = re.compile(r"password|secret|token|recovery_?codes", re.IGNORECASE)
_ADDRESS_LIKE = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_DIGITS = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_TOKEN_LIKE = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]*)?")


def is_shielded(name: str) -> bool:
    """Tell whether the value of a field called ``name`` is personal or secret."""
    return name in SECRET or name in PERSONAL or _SECRETLY.search(name) is not None


def shielded_text(text: str) -> str:
    """Return text without e-mail addresses and tokens, on one line, not too long."""
    if "@" in text:
        text = _ADDRESS_LIKE.sub(SHIELDED, text)
    if "eyJ" in text:
        text = _TOKEN_LIKE.sub(SHIELDED, text)
    return text if card_number_in(text) is None else _DIGITS.sub(_without_card, text)


def card_number_in(text: str) -> str | None:
    """Return the first thing in ``text`` that looks like a card number; None if nothing does.

    13 to 19 digits, in groups or not, whose check digit is right (ISO/IEC 7812-1, annex B), and
    that are not all the same.
    """
    for match in _DIGITS.finditer(text):
        if _is_card(match[0]):
            return match[0]
    return None


def _is_card(text: str) -> bool:
    digits = [int(letter) for letter in text if letter.isdigit()]
    return len(set(digits)) > 1 and has_check_digit(digits)


def _without_card(match: re.Match[str]) -> str:
    return SHIELDED if _is_card(match[0]) else match[0]


def shielded(value: Any, depth: int = 0, *, also: frozenset[str] = frozenset()) -> Any:
    """Return a value in which nothing is personal or secret, nor called as ``also`` says.

    Names stay. Records are told by the marks of their fields.
    """
    if isinstance(value, str):
        return shielded_text(value)[:MAX_TEXT]
    if is_dataclass(value) or isinstance(value, msgspec.Struct):
        return _shielded_record(value, depth)
    if not isinstance(value, Mapping | list | tuple):
        return value
    if depth >= MAX_DEPTH:
        return SHIELDED
    if isinstance(value, Mapping):
        return {
            name: SHIELDED
            if (is_shielded(str(name)) or name in also) and inner is not None
            else shielded(inner, depth + 1, also=also)
            for name, inner in value.items()
        }
    return [shielded(inner, depth + 1, also=also) for inner in value]


def _shielded_record(value: Any, depth: int) -> Any:
    """Return a record's fields, but for those that are marked or called as what is shielded."""
    hidden = marks(type(value))
    names = getattr(value, "__struct_fields__", None) or [one.name for one in fields(value)]
    told = {name: SHIELDED if name in hidden else getattr(value, name) for name in names}
    return shielded(told, depth)
