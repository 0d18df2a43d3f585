"""How the pages write names into addresses, and which files a picture has."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import Decimal

_OURS = re.compile(r"/images/([^.]+)\.(\w+)")


def slug(name: str) -> str:
    """Return a name as it stands in an address, as the application writes it too."""
    plain = unicodedata.normalize("NFKD", name.lower())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def rendition(source: str, width: int) -> str:
    """Return the address of a picture's rendition of 200, 400 or 800 pixels."""
    ours = _OURS.fullmatch(source)
    return f"/images/{ours[1]}-{width}.{ours[2]}" if ours else source


def srcset(source: str, *widths: int) -> str:
    """Return a picture's ``srcset``; empty for a picture from elsewhere."""
    if not _OURS.fullmatch(source):
        return ""
    return ", ".join(f"{rendition(source, width)} {width}w" for width in widths)


def money(told: object) -> str:
    """Return an amount as the API tells it in the application's words: 1234.5 is "$1,234.50"."""
    return f"${Decimal(str(told)):,.2f}"


def day(moment: str) -> str:
    """Return the day of a time as the API tells it: "2026-03-09T18:00:00Z" is "March 9"."""
    told = datetime.fromisoformat(moment)
    return f"{told:%B} {told.day}"


def stars(rating: float) -> str:
    """Return a rating of 0 to 5 as five stars, full or empty."""
    full = int(rating + 0.5)
    return "★" * full + "☆" * (5 - full)
