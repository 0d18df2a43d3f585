"""Small signs of flavours, drawn like the motifs: about the origin, from -50 to 50."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import box, curve, ellipse, mirrored, path, smooth
from kibble.runtime.demo.pictures.motifs import Motif
from kibble.runtime.demo.pictures.palette import Colour, mix


def drumstick(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Poultry."""
    canvas.stroke(((8, 8), (34, 34)), 12, light)
    _knuckle(canvas, 36, 36, light)
    canvas.fill(
        path("M 22 14 C 14 32 -16 34 -32 14 C -48 -8 -34 -40 -8 -38 C 18 -36 30 -6 22 14 Z"), dark
    )
    canvas.stroke(curve((-32, -2), (-28, -20), (-14, -28)), 5, mix(dark, light, 0.5))


def _knuckle(canvas: Canvas, x: float, y: float, colour: Colour) -> None:
    canvas.fill(ellipse(x + 6, y - 5, 8.5), colour)
    canvas.fill(ellipse(x - 5, y + 6, 8.5), colour)


def steak(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Meat."""
    cut = path(
        "M -44 -10 C -42 -36 -4 -40 22 -30 C 46 -20 46 8 30 14 C 12 "
        "20 14 36 -8 36 C -34 36 -46 14 -44 -10 Z"
    )
    canvas.fill(cut, light)
    with canvas.at(0, 0, 0.82):
        canvas.fill(cut, dark)
    canvas.fill(ellipse(-14, -8, 10, 9), light)
    canvas.stroke(curve((10, -14), (20, -8), (22, 0)), 4, mix(dark, light, 0.5))


def carrot(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Root vegetables."""
    for degrees in (-34, -8, 20):
        with canvas.at(14, -18, 1, degrees + 35):
            canvas.fill(path("M 0 0 C -9 -10 -8 -26 0 -34 C 8 -26 9 -10 0 0 Z"), light)
    canvas.fill(
        path("M 0 -26 C 14 -30 30 -14 26 0 C 14 22 -18 42 -38 46 C -36 22 -18 -12 0 -26 Z"), dark
    )
    for x, y in ((-2, -6), (-12, 10), (8, 6)):
        canvas.stroke(((x, y), (x + 9, y + 6)), 3.4, mix(dark, light, 0.5))


def leaf(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Green things."""
    canvas.fill(path("M -36 34 C -46 -14 -8 -44 42 -42 C 46 10 12 46 -36 34 Z"), dark)
    canvas.stroke(curve((-44, 44), (-16, 14), (22, -24)), 4.4, light)
    canvas.stroke(((-14, 12), (-12, -14)), 3.2, light)
    canvas.stroke(((2, -4), (22, 0)), 3.2, light)


def wheat(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Grain and grass."""
    canvas.stroke(curve((0, 50), (2, 10), (0, -24)), 4, dark)
    canvas.fill(path("M 0 -50 C 9 -40 9 -28 0 -20 C -9 -28 -9 -40 0 -50 Z"), dark)
    grain = path("M 2 6 C 6 -12 18 -18 27 -20 C 27 -8 18 6 2 6 Z")
    for drop in (-14, 6, 26):
        with canvas.at(0, drop):
            canvas.fill(grain, dark if drop != 6 else mix(dark, light, 0.35))
            canvas.fill(mirrored(grain, 0), dark if drop != 6 else mix(dark, light, 0.35))


def berry(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Fruit."""
    canvas.fill(
        smooth(
            (0, -20),
            (24, -26),
            (40, -4),
            (28, 34),
            (8, 42),
            (-8, 42),
            (-28, 34),
            (-40, -4),
            (-24, -26),
        ),
        dark,
    )
    canvas.stroke(curve((0, -18), (2, -34), (10, -46)), 4.6, light)
    canvas.fill(path("M 6 -30 C 14 -46 30 -46 38 -40 C 32 -28 18 -22 6 -30 Z"), light)
    canvas.stroke(curve((-26, 2), (-24, -8), (-16, -14)), 5, mix(dark, light, 0.55))


def peanut(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Nuts."""
    with canvas.at(0, 0, 1, 35):
        canvas.fill(
            smooth(
                (0, -48), (20, -34), (13, -4), (24, 28), (0, 48), (-24, 28), (-13, -4), (-20, -34)
            ),
            dark,
        )
        for y in (-28, -12, 18, 34):
            canvas.stroke(((-7, y), (7, y)), 3, mix(dark, light, 0.5))


def cheese(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Dairy."""
    canvas.fill(path("M -44 0 L 30 -36 C 42 -30 44 -12 44 0 Z"), mix(dark, light, 0.35))
    canvas.fill(box(-44, 0, 44, 32, 4), dark)
    for x, y, r in ((-18, 16, 8), (12, 10, 5), (28, 22, 6)):
        canvas.fill(ellipse(x, y, r), light)


def drop(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Liquids."""
    canvas.fill(
        path(
            "M 0 -48 C 16 -22 32 -4 32 14 C 32 34 18 46 0 46 C -18 46 -32 "
            "34 -32 14 C -32 -4 -16 -22 0 -48 Z"
        ),
        dark,
    )
    canvas.stroke(curve((-18, 16), (-14, 28), (-4, 33)), 5.4, mix(dark, light, 0.6))


def bone(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A bone."""
    with canvas.at(0, 0, 1, -30):
        canvas.fill(box(-34, -10, 34, 10), dark)
        for x in (-36, 36):
            canvas.fill(ellipse(x, -11, 14), dark)
            canvas.fill(ellipse(x, 11, 14), dark)
        canvas.stroke(((-20, -3), (6, -3)), 3.4, mix(dark, light, 0.5))


SIGNS: dict[str, Motif] = {
    "berry": berry,
    "bone": bone,
    "carrot": carrot,
    "cheese": cheese,
    "drop": drop,
    "drumstick": drumstick,
    "leaf": leaf,
    "peanut": peanut,
    "steak": steak,
    "wheat": wheat,
}
