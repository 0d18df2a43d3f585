"""Words by which staff find things: compared without case, accents and what is not to be seen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

MAX_TERMS = 5
MAX_WORD = 100
_NO_APOSTROPHES = str.maketrans("", "", "'\N{RIGHT SINGLE QUOTATION MARK}")
PAST_ALL = chr(0x10FFFF)
"""Comes after every character: ends the range of words that begin alike."""


def fold(text: str) -> str:
    """Return ``text`` as it is compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c) and c != "\0")


def parts(text: str, around: str = ",") -> list[str]:
    """Return the folded words of ``text`` without the characters ``around`` them."""
    return [word.strip(around) for word in fold(text).split()]


def name_parts(name: str) -> list[str]:
    """Return the folded words of a name; O'Hara is o'hara, and ohara."""
    return [form for word in parts(name) for form in (word, word.translate(_NO_APOSTROPHES))]


def terms(text: str, around: str = ",") -> tuple[str, ...]:
    """Return what a search for ``text`` looks for, ``MAX_TERMS`` words at most."""
    return distinct(parts(text, around))[:MAX_TERMS]


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Return each word once, none longer than ``MAX_WORD``; empty ones are left out."""
    return tuple(dict.fromkeys(word[:MAX_WORD] for word in words if word))
