"""Outlines in drawing units: each is a tuple of points, and a closed one needs no last point."""

from __future__ import annotations

import math
import re
from functools import lru_cache

Point = tuple[float, float]
Shape = tuple[Point, ...]

_STEPS = 14
_TOKEN = re.compile(r"[MLCQZ]|-?\d+(?:\.\d+)?")
_CONTROLS = {"M": 1, "L": 1, "Q": 2, "C": 3}


@lru_cache(maxsize=1024)
def ellipse(x: float, y: float, rx: float, ry: float | None = None) -> Shape:
    """Return an ellipse about (x, y); a circle when only one radius is given."""
    return arc((x, y), rx, rx if ry is None else ry, 0, 360)


@lru_cache(maxsize=1024)
def arc(centre: Point, rx: float, ry: float, start: float, end: float) -> Shape:
    """Return part of an ellipse, from ``start`` to ``end`` degrees, clockwise from the right."""
    steps = max(8, int(abs(end - start) / 5))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return tuple((centre[0] + rx * math.cos(a), centre[1] + ry * math.sin(a)) for a in angles)


@lru_cache(maxsize=1024)
def box(left: float, top: float, right: float, bottom: float, radius: float = 0) -> Shape:
    """Return a rectangle with round corners."""
    if radius <= 0:
        return ((left, top), (right, top), (right, bottom), (left, bottom))
    r = min(radius, (right - left) / 2, (bottom - top) / 2)
    return (
        *arc((left + r, top + r), r, r, 180, 270),
        *arc((right - r, top + r), r, r, 270, 360),
        *arc((right - r, bottom - r), r, r, 0, 90),
        *arc((left + r, bottom - r), r, r, 90, 180),
    )


@lru_cache(maxsize=1024)
def path(text: str) -> Shape:
    """Return the outline of SVG path data made of absolute M, L, Q, C and Z."""
    tokens = _TOKEN.findall(text)
    points: list[Point] = []
    command, index = "M", 0
    while index < len(tokens):
        if tokens[index].isalpha():
            command, index = tokens[index], index + 1
        if command == "Z":
            continue
        count = _CONTROLS[command] * 2
        numbers = [float(token) for token in tokens[index : index + count]]
        controls = list(zip(numbers[::2], numbers[1::2], strict=True))
        points.extend(_bezier([points[-1], *controls]) if len(controls) > 1 else controls)
        index += count
    return tuple(points)


def _bezier(controls: list[Point]) -> list[Point]:
    degree = len(controls) - 1
    weights = [math.comb(degree, k) for k in range(degree + 1)]
    points: list[Point] = []
    for step in range(1, _STEPS + 1):
        t = step / _STEPS
        factors = [w * t**k * (1 - t) ** (degree - k) for k, w in enumerate(weights)]
        x = sum(f * p[0] for f, p in zip(factors, controls, strict=True))
        y = sum(f * p[1] for f, p in zip(factors, controls, strict=True))
        points.append((x, y))
    return points


@lru_cache(maxsize=1024)
def smooth(*points: Point) -> Shape:
    """Return a closed round outline through ``points`` (Catmull-Rom)."""
    count = len(points)
    return tuple(
        spot
        for i in range(count)
        for spot in _catmull_rom(
            points[i - 1], points[i], points[(i + 1) % count], points[(i + 2) % count]
        )
    )


@lru_cache(maxsize=1024)
def curve(*points: Point) -> Shape:
    """Return an open round line through ``points`` (Catmull-Rom)."""
    padded = (points[0], *points, points[-1])
    inner = [
        spot
        for i in range(len(points) - 1)
        for spot in _catmull_rom(padded[i], padded[i + 1], padded[i + 2], padded[i + 3])
    ]
    return (*inner, points[-1])


def _catmull_rom(a: Point, b: Point, c: Point, d: Point) -> list[Point]:
    return [_blend(a, b, c, d, step / _STEPS) for step in range(_STEPS)]


def _blend(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    def axis(i: int) -> float:
        return 0.5 * (
            2 * b[i]
            + (c[i] - a[i]) * t
            + (2 * a[i] - 5 * b[i] + 4 * c[i] - d[i]) * t**2
            + (3 * b[i] - a[i] - 3 * c[i] + d[i]) * t**3
        )

    return (axis(0), axis(1))


@lru_cache(maxsize=1024)
def mirrored(shape: Shape, axis: float = 500) -> Shape:
    """Return ``shape`` reflected in the vertical line at ``axis``."""
    return tuple((2 * axis - x, y) for x, y in shape)


@lru_cache(maxsize=1024)
def star(x: float, y: float, outer: float, inner: float, tips: int) -> Shape:
    """Return a star with one tip up."""
    return tuple(
        (
            x + (inner if k % 2 else outer) * math.sin(math.pi * k / tips),
            y - (inner if k % 2 else outer) * math.cos(math.pi * k / tips),
        )
        for k in range(2 * tips)
    )
