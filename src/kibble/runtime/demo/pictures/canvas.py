"""A canvas of 1000 units a side: flat fills, strokes, clips and soft shadows, anti-aliased."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageDraw

from kibble.runtime.demo.pictures.geometry import Point, Shape
from kibble.runtime.demo.pictures.palette import Colour

UNITS = 1000
_DETAILED_BELOW = 300
_OPAQUE = 3
"""The components of a colour that hides what is below."""


class Canvas:
    """Draw in units, whatever the pixel size; later strokes cover earlier ones.

    Small pictures are supersampled four times, others twice: an edge needs it more, the smaller
    it is. Colours with a fourth component are blended over what is there.
    """

    def __init__(self, size: int, background: Colour) -> None:
        """Make a square canvas that becomes an image of ``size`` pixels a side."""
        self._factor = 4 if size < _DETAILED_BELOW else 2
        side = size * self._factor
        self._image = Image.new("RGB", (side, side), background)
        self._use(self._image, (0, 0))
        scale = side / UNITS
        self._matrix = (scale, 0.0, 0.0, 0.0, scale, 0.0)

    def finish(self) -> Image.Image:
        """Return the picture."""
        return self._image.reduce(self._factor)

    def fill(self, shape: Shape, colour: Colour) -> None:
        """Fill a closed outline."""
        self._pen(colour).polygon(self._pixels(shape), fill=colour)

    def stroke(self, line: Shape, width: float, colour: Colour) -> None:
        """Draw an open line with round joints and ends."""
        pixels = self._pixels(line)
        radius = max(0.5, width * self._zoom / 2)
        if len(colour) > _OPAQUE:  # pieces that overlap would show
            self._blending.line(pixels, colour, round(2 * radius), joint="curve")
            return
        for start, end in pairwise(pixels):
            self._opaque.polygon(_ribbon(start, end, radius), fill=colour)
        for x, y in pixels:
            self._opaque.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def shadow(self, x: float, y: float, rx: float, ry: float, strength: float = 0.34) -> None:
        """Lay a soft oval shadow."""
        (left, top), (right, bottom) = self._pixels(((x - rx, y - ry), (x + rx, y + ry)))
        area = (round(left), round(top), round(right), round(bottom))
        mask = _soft_spot(round(strength * 100)).resize((area[2] - area[0], area[3] - area[1]))
        self._image.paste((96, 76, 54), area, mask)

    @contextmanager
    def inside(self, shape: Shape) -> Generator[None]:
        """Keep what is drawn in the block inside ``shape``."""
        pixels = self._pixels(shape)
        area = _bounds(pixels, self._image.size)
        outer, corner = self._image, self._corner
        mask = Image.new("L", (area[2] - area[0], area[3] - area[1]))
        local = [(x - area[0], y - area[1]) for x, y in pixels]
        ImageDraw.Draw(mask).polygon(local, fill=255)
        self._use(outer.crop(area), (corner[0] + area[0], corner[1] + area[1]))
        yield
        outer.paste(self._image, area[:2], mask)
        self._use(outer, corner)

    @contextmanager
    def at(self, x: float, y: float, scale: float = 1, degrees: float = 0) -> Generator[None]:
        """Move the origin to (x, y), then zoom and turn, for the block."""
        outer = self._matrix
        a, b, c, d, e, f = outer
        cos = scale * math.cos(math.radians(degrees))
        sin = scale * math.sin(math.radians(degrees))
        self._matrix = (
            a * cos + b * sin,
            b * cos - a * sin,
            a * x + b * y + c,
            d * cos + e * sin,
            e * cos - d * sin,
            d * x + e * y + f,
        )
        yield
        self._matrix = outer

    @property
    def _zoom(self) -> float:
        return math.hypot(self._matrix[0], self._matrix[3])

    def _use(self, image: Image.Image, corner: tuple[int, int]) -> None:
        self._image = image
        self._corner = corner
        self._opaque = ImageDraw.Draw(image)
        self._blending = ImageDraw.Draw(image, "RGBA")

    def _pen(self, colour: Colour) -> ImageDraw.ImageDraw:
        """Return the pen for ``colour``; to blend costs four times as much."""
        return self._opaque if len(colour) == _OPAQUE else self._blending

    def _pixels(self, shape: Shape) -> list[Point]:
        a, b, c, d, e, f = self._matrix
        left, top = self._corner
        return [(a * x + b * y + c - left, d * x + e * y + f - top) for x, y in shape]


def _ribbon(start: Point, end: Point, radius: float) -> list[Point]:
    """Return the corners of a straight piece of a line, ``radius`` to each side of its middle."""
    (x0, y0), (x1, y1) = start, end
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    across, down = radius * (y0 - y1) / length, radius * (x1 - x0) / length
    return [
        (x0 + across, y0 + down),
        (x1 + across, y1 + down),
        (x1 - across, y1 - down),
        (x0 - across, y0 - down),
    ]


def _bounds(pixels: list[Point], size: tuple[int, int]) -> tuple[int, int, int, int]:
    left = max(0, math.floor(min(x for x, _ in pixels)))
    top = max(0, math.floor(min(y for _, y in pixels)))
    right = min(size[0], math.ceil(max(x for x, _ in pixels)) + 1)
    bottom = min(size[1], math.ceil(max(y for _, y in pixels)) + 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


@lru_cache(maxsize=8)
def _soft_spot(percent: int) -> Image.Image:
    """Return a mask that fades from ``percent`` in the middle to nothing at the rim."""
    spot = Image.radial_gradient("L").resize((128, 128), Image.Resampling.BILINEAR)
    level = [percent / 100 * 255 * max(0.0, 1 - value / 180) ** 1.6 for value in range(256)]
    return spot.point([round(value) for value in level])
