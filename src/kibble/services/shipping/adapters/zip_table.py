"""The table of ZIP prefixes that is shipped with the service (see ``data/SOURCES.md``)."""

from __future__ import annotations

import csv
from importlib.resources import files


def read_zip_table() -> dict[str, tuple[float, float]]:
    """Return latitude and longitude, in degrees, of each prefix of three digits."""
    text = files("kibble.services.shipping").joinpath("data/zip3.csv").read_text(encoding="utf-8")
    return {
        row["prefix"]: (float(row["latitude"]), float(row["longitude"]))
        for row in csv.DictReader(text.splitlines())
    }
