"""The small signs of brands, drawn like the motifs: about the origin, from -50 to 50."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, mirrored, path, star
from kibble.runtime.demo.pictures.motifs import Motif
from kibble.runtime.demo.pictures.palette import Colour, mix
from kibble.runtime.demo.pictures.signs import bone, drop, leaf, wheat


def peak(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Two mountains."""
    canvas.fill(path("M -50 34 L -14 -36 L 22 34 Z"), dark)
    canvas.fill(path("M -2 34 L 24 -10 L 50 34 Z"), mix(dark, light, 0.3))
    canvas.fill(path("M -14 -36 L -25 -14 L -14 -20 L -4 -15 Z"), light)


def cross(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A round medical cross."""
    canvas.fill(box(-17, -46, 17, 46, 10), dark)
    canvas.fill(box(-46, -17, 46, 17, 10), dark)
    canvas.fill(ellipse(0, 0, 9), light)


def dune(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Sun over two dunes."""
    canvas.fill(ellipse(14, -20, 19), mix(dark, light, 0.35))
    canvas.fill(path("M -50 32 C -30 -6 -8 -6 10 12 C 24 24 36 24 50 16 L 50 38 L -50 38 Z"), dark)


def flame(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A flame."""
    canvas.fill(
        path(
            "M 4 -50 C 10 -24 36 -10 34 18 C 32 38 16 48 0 48 C -18 48 -34 "
            "36 -34 16 C -34 0 -22 -8 -16 -22 C -10 -14 -8 -10 -6 -4 C 2 "
            "-18 6 -34 4 -50 Z"
        ),
        dark,
    )
    canvas.fill(path("M 2 6 C 12 16 18 22 16 32 C 12 46 -12 46 -15 32 C -16 22 -4 18 2 6 Z"), light)


def barn(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A barn."""
    canvas.fill(path("M -44 44 L -44 -8 L -28 -34 L 0 -48 L 28 -34 L 44 -8 L 44 44 Z"), dark)
    canvas.fill(box(-18, 6, 18, 44), light)
    canvas.stroke(((-16, 8), (16, 42)), 5, dark)
    canvas.stroke(((16, 8), (-16, 42)), 5, dark)
    canvas.fill(box(-9, -24, 9, -8, 2), light)


def tree(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A larch."""
    canvas.fill(box(-5, 20, 5, 50), mix(dark, light, 0.2))
    for top, half in ((-50, 20), (-28, 28), (-4, 36)):
        canvas.fill(((0, top), (half, top + 38), (-half, top + 38)), dark)


def sun(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A sun with rays."""
    canvas.fill(star(0, 0, 50, 32, 12), mix(dark, light, 0.25))
    canvas.fill(ellipse(0, 0, 26), dark)


def star_sign(canvas: Canvas, dark: Colour, _light: Colour) -> None:
    """A star."""
    canvas.fill(star(0, 3, 50, 22, 5), dark)


def dots(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Nine dots."""
    for row in (-1, 0, 1):
        for column in (-1, 0, 1):
            tone = mix(dark, light, 0.18 * (row + 1))
            canvas.fill(ellipse(column * 31, row * 31, 11), tone)


def thistle(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A thistle."""
    canvas.stroke(curve((0, 16), (2, 34), (-2, 50)), 5, dark)
    for degrees in (-44, -22, 0, 22, 44):
        with canvas.at(0, -2, 1, degrees):
            canvas.fill(path("M -6 0 L 0 -48 L 6 0 Z"), mix(dark, light, 0.3))
    canvas.fill(ellipse(0, 8, 19, 17), dark)
    blade = path("M -2 42 C -16 40 -28 30 -32 18 C -18 18 -6 28 -2 42 Z")
    canvas.fill(blade, dark)
    canvas.fill(mirrored(blade, 0), dark)


def dot(canvas: Canvas, dark: Colour, _light: Colour) -> None:
    """A plain disc."""
    canvas.fill(ellipse(0, 0, 40), dark)


def feather(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A feather."""
    canvas.fill(path("M -34 40 C -40 -4 -14 -42 40 -48 C 40 0 14 34 -34 40 Z"), dark)
    canvas.stroke(curve((-46, 50), (-14, 14), (24, -30)), 4, light)
    for x, y in ((-22, 26), (-8, 10), (6, -6)):
        canvas.stroke(((x, y), (x + 24, y - 1)), 3, light)


def house(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A small house."""
    canvas.fill(path("M -50 2 L 0 -44 L 50 2 Z"), dark)
    canvas.fill(box(-35, -4, 35, 44, 4), dark)
    canvas.fill((*arc((0, 22), 14, 14, 180, 360), (14, 44), (-14, 44)), light)


def moon(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A moon and a star."""
    canvas.fill(
        path("M 14 -46 C -30 -44 -48 -4 -34 24 C -20 50 20 52 38 26 C 0 34 -22 -8 14 -46 Z"), dark
    )
    canvas.fill(star(24, -12, 14, 6, 5), mix(dark, light, 0.2))


EMBLEMS: dict[str, Motif] = {
    "barn": barn,
    "bone": bone,
    "cross": cross,
    "dot": dot,
    "dots": dots,
    "drop": drop,
    "dune": dune,
    "feather": feather,
    "flame": flame,
    "house": house,
    "leaf": leaf,
    "moon": moon,
    "peak": peak,
    "star": star_sign,
    "sun": sun,
    "thistle": thistle,
    "tree": tree,
    "wheat": wheat,
}
