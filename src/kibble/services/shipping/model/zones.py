"""How far a ZIP code is: carriers price by zones of distance between ZIP prefixes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from math import asin, cos, radians, sin, sqrt

FARTHEST_ZONE = 9
"""Alaska, Hawaii and the territories: beyond the zones of distance."""

_MILES = (150, 300, 600, 1000, 1400, 1800)
"""The upper limits of zones 2 to 7, as UPS and FedEx draw them; zone 8 is farther."""

_OFFSHORE = frozenset("006 007 008 009 967 968 969 995 996 997 998 999".split())
_EARTH_RADIUS_MILES = 3958.8
_PREFIX_LENGTH = 3


class ZoneMap:
    """The zones around the place that parcels are sent from.

    Made from the latitude and longitude of each ZIP prefix and the ZIP code to measure from;
    raises ``ValueError`` when the table lacks that.
    """

    def __init__(self, points: Mapping[str, tuple[float, float]], origin: str) -> None:
        start = points.get(origin[:_PREFIX_LENGTH])
        if start is None:
            raise ValueError(f"{origin} is not a known ZIP code to send from")
        self._zones = {prefix: _zone(prefix, start, point) for prefix, point in points.items()}

    def knows(self, zip_code: str) -> bool:
        """Tell whether there is such a ZIP code, as far as its first three digits tell."""
        return zip_code[:_PREFIX_LENGTH] in self._zones

    def zone(self, zip_code: str) -> int:
        """Return the zone of a ZIP code, 2 (near) to 9 (offshore, or not known)."""
        return self._zones.get(zip_code[:_PREFIX_LENGTH], FARTHEST_ZONE)


def _zone(prefix: str, start: tuple[float, float], end: tuple[float, float]) -> int:
    if prefix in _OFFSHORE:
        return FARTHEST_ZONE
    return bisect_left(_MILES, miles_between(start, end)) + 2


def miles_between(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the great-circle distance of two points in degrees (haversine formula)."""
    (lat1, lon1), (lat2, lon2) = start, end
    half_lat, half_lon = radians(lat2 - lat1) / 2, radians(lon2 - lon1) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(half_lon) ** 2
    return 2 * _EARTH_RADIUS_MILES * asin(sqrt(chord))
