"""The languages that the shop writes to its customers in."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "es"]
"""A language by its code of ISO 639-1."""

LANGUAGES: tuple[Language, ...] = ("en", "es")
FALLBACK: Language = "en"
"""What is spoken to whoever never said otherwise, and where words are missing."""

_MOST_RANGES = 20


def known_or_fallback(code: str | None) -> Language:
    """Return the language of a code, or of a tag that begins with one; the fallback for others."""
    return _known(code or "") or FALLBACK


def negotiate(accept_language: str) -> Language:
    """Return the language that an Accept-Language header likes best (RFC 9110, section 12.5.4)."""
    ranges = (_weighed(part) for part in accept_language.split(",")[:_MOST_RANGES])
    for tag, _ in sorted(ranges, key=lambda weighed: -weighed[1]):
        if found := _known(tag):
            return found
    return FALLBACK


def _weighed(part: str) -> tuple[str, float]:
    """Return one range of the header and its weight; one that is not acceptable has no tag."""
    tag, _, weight = part.partition(";")
    try:
        quality = float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        quality = 0.0
    return (tag.strip() if quality > 0 else "", quality)


def _known(tag: str) -> Language | None:
    code = tag.partition("-")[0].casefold()
    return next((language for language in LANGUAGES if language == code), None)
