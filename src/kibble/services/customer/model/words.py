"""The words by which staff find a customer."""

from __future__ import annotations

import unicodedata

from kibble.services.customer.model.customer import Customer

MAX_TERMS = 5
MAX_WORD = 100
PAST_ALL = chr(0x10FFFF)
"""Comes after every character: ends the range of words that begin alike."""


def plain(text: str) -> str:
    """Return ``text`` as it is compared: without case, accents and what is not to be seen."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c) and c != "\0")


def terms_of(text: str) -> tuple[str, ...]:
    """Return what a search for ``text`` looks for, ``MAX_TERMS`` words at most."""
    words = (word.strip(",")[:MAX_WORD] for word in plain(text).split())
    return tuple(dict.fromkeys(word for word in words if word))[:MAX_TERMS]


def words_of(customer: Customer) -> tuple[str, ...]:
    """Return a customer's words: the id, the username, the e-mail, the name's parts, the phone."""
    profile = customer.profile
    phone = profile.phone.e164 if profile.phone else None
    words = [customer.id, plain(customer.username), plain(customer.email)]
    words += [word.strip(",") for word in plain(profile.name or "").split()]
    words += [phone.removeprefix("+1"), phone] if phone else []
    return tuple(dict.fromkeys(word[:MAX_WORD] for word in words if word))
