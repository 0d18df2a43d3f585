"""Animals for labels, drawn about the origin in a box from -50 to 50."""

from __future__ import annotations

from collections.abc import Callable

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import (
    Shape,
    box,
    curve,
    ellipse,
    mirrored,
    path,
    smooth,
    star,
)
from kibble.runtime.demo.pictures.palette import Colour, lighter, mix

Motif = Callable[[Canvas, Colour, Colour], None]
"""Draw in a dark and a light colour."""


def _pair(canvas: Canvas, shape: Shape, colour: Colour) -> None:
    canvas.fill(shape, colour)
    canvas.fill(mirrored(shape, 0), colour)


def dog(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A dog's face with hanging ears."""
    coat = mix(dark, light, 0.28)
    canvas.fill(
        path("M -33 -16 C -30 -44 30 -44 33 -16 C 36 20 26 46 0 46 C -26 46 -36 20 -33 -16 Z"), coat
    )
    canvas.fill(path("M -8 -40 C -12 -10 -13 4 -20 16 L 20 16 C 13 4 12 -10 8 -40 Z"), light)
    canvas.fill(ellipse(0, 24, 22, 19), light)
    _pair(
        canvas,
        path("M -24 -36 C -44 -40 -52 -18 -50 4 C -48 22 -38 26 -33 14 C -28 0 -30 -18 -18 -32 Z"),
        dark,
    )
    _pair(canvas, ellipse(-15, -3, 4.6, 5.4), dark)
    canvas.fill(smooth((-9, 12), (0, 10), (9, 12), (5, 20), (0, 22), (-5, 20)), dark)
    canvas.stroke(curve((-10, 31), (-4, 33), (0, 27), (4, 33), (10, 31)), 2.6, dark)


def cat(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A cat's face with upright ears."""
    coat = mix(dark, light, 0.12)
    head = path(
        "M -40 -44 C -34 -46 -20 -34 -14 -30 C -6 -32 6 -32 14 -30 C 20 -34 34 -46 40 -44 "
        "C 44 -34 44 -14 42 -2 C 46 24 24 42 0 42 C -24 42 -46 24 -42 -2 "
        "C -44 -14 -44 -34 -40 -44 Z"
    )
    canvas.fill(head, coat)
    _pair(
        canvas,
        path("M -36 -35 C -30 -34 -24 -28 -20 -24 L -35 -14 C -37 -22 -37 -30 -36 -35 Z"),
        mix(coat, light, 0.45),
    )
    _pair(canvas, ellipse(-17, 0, 6.4, 7.6), light)
    _pair(canvas, ellipse(-16.4, 0, 2.8, 6.4), dark)
    canvas.fill(ellipse(-6.6, 21, 9.6, 8.4), light)
    canvas.fill(ellipse(6.6, 21, 9.6, 8.4), light)
    canvas.fill(path("M -6 12 L 6 12 L 0 18 Z"), dark)
    for side in (-1, 1):
        for drop in (-3, 5):
            canvas.stroke(((side * 20, 20 + drop * 0.4), (side * 47, 17 + drop * 1.6)), 1.8, light)


def rabbit(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A rabbit's face with long ears."""
    coat = mix(dark, light, 0.3)
    ear = path("M -8 -12 C -14 -30 -26 -54 -20 -58 C -10 -60 0 -36 -1 -14 Z")
    _pair(canvas, path("M -6 -8 C -22 -28 -30 -52 -20 -56 C -8 -58 2 -30 2 -10 Z"), coat)
    with canvas.inside(ear):
        canvas.fill(path("M -9 -14 C -15 -30 -22 -48 -18 -50 C -11 -50 -5 -32 -4 -14 Z"), light)
    with canvas.inside(mirrored(ear, 0)):
        canvas.fill(
            mirrored(path("M -9 -14 C -15 -30 -22 -48 -18 -50 C -11 -50 -5 -32 -4 -14 Z"), 0), light
        )
    canvas.fill(
        smooth((0, -18), (24, -8), (31, 16), (20, 38), (0, 44), (-20, 38), (-31, 16), (-24, -8)),
        coat,
    )
    canvas.fill(ellipse(-8, 29, 11, 9), light)
    canvas.fill(ellipse(8, 29, 11, 9), light)
    _pair(canvas, ellipse(-17, 8, 4.4, 5.4), dark)
    canvas.fill(path("M -5 20 L 5 20 L 0 26 Z"), dark)
    canvas.fill(box(-4, 34, 4, 42, 2), lighter(light, 0.7))


def hamster(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A small rodent's face with full cheeks."""
    coat = mix(dark, light, 0.34)
    _pair(canvas, ellipse(-29, -26, 14), coat)
    _pair(canvas, ellipse(-29, -25, 7.5), light)
    canvas.fill(
        smooth((0, -34), (28, -22), (42, 10), (30, 36), (0, 42), (-30, 36), (-42, 10), (-28, -22)),
        coat,
    )
    canvas.fill(
        smooth((0, -34), (8, -12), (30, 10), (26, 32), (0, 38), (-26, 32), (-30, 10), (-8, -12)),
        light,
    )
    _pair(canvas, ellipse(-18, -3, 5, 6), dark)
    canvas.fill(path("M -5 11 L 5 11 L 0 17 Z"), dark)
    canvas.stroke(curve((-7, 23), (-3, 24), (0, 18), (3, 24), (7, 23)), 2.2, dark)


def ferret(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A ferret's masked face."""
    coat = mix(dark, light, 0.5)
    _pair(canvas, ellipse(-28, -28, 12), coat)
    _pair(canvas, ellipse(-28, -27, 6), light)
    canvas.fill(
        smooth((0, -36), (28, -26), (37, 2), (20, 34), (0, 44), (-20, 34), (-37, 2), (-28, -26)),
        coat,
    )
    _pair(canvas, smooth((-2, -10), (-24, -18), (-34, -2), (-22, 12), (-6, 6)), dark)
    canvas.fill(smooth((0, 4), (14, 18), (12, 36), (0, 41), (-12, 36), (-14, 18)), light)
    _pair(canvas, ellipse(-18, -3, 4.4, 5.2), light)
    canvas.fill(path("M -6 20 L 6 20 L 0 27 Z"), dark)


def fish(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A fish, swimming left."""
    coat = mix(dark, light, 0.18)
    canvas.fill(
        path("M 18 0 C 30 -12 40 -26 50 -28 C 46 -10 46 10 50 28 C 40 26 30 12 18 0 Z"), dark
    )
    canvas.fill(path("M -16 -20 C -6 -40 14 -38 22 -34 C 18 -26 16 -20 12 -12 Z"), dark)
    canvas.fill(path("M -8 18 C -4 32 8 34 14 32 C 12 24 10 20 8 14 Z"), dark)
    body = path("M -50 2 C -36 -24 -4 -30 28 -2 C -4 32 -36 26 -50 2 Z")
    canvas.fill(body, coat)
    with canvas.inside(body):
        for x in (-12, 4):
            canvas.stroke(curve((x, -30), (x + 9, 0), (x, 30)), 5, mix(coat, light, 0.5))
    canvas.fill(ellipse(-33, -3, 4.6), light)
    canvas.fill(ellipse(-34, -3, 2.2), dark)


def bird(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A small bird, looking left."""
    coat = mix(dark, light, 0.22)
    canvas.fill(path("M 12 8 C 30 18 44 34 52 48 C 40 48 26 44 10 34 Z"), dark)
    body = (
        "M -34 -20 C -32 -44 2 -46 8 -22 C 24 -14 32 8 26 24 C 18 44 "
        "-12 46 -24 30 C -36 14 -36 -4 -34 -20 Z"
    )
    canvas.fill(path(body), coat)
    canvas.fill(path("M -31 0 C -20 4 -10 20 -12 38 C -28 34 -35 14 -31 0 Z"), light)
    canvas.fill(path("M -4 -6 C 14 -10 30 8 34 32 C 16 36 -8 22 -4 -6 Z"), dark)
    canvas.fill(path("M -34 -26 L -48 -18 L -33 -13 Z"), mix(light, dark, 0.3))
    canvas.fill(ellipse(-20, -22, 4.4), light)
    canvas.fill(ellipse(-21, -22, 2.4), dark)
    for x in (-4, 8):
        canvas.stroke(((x, 38), (x - 2, 50)), 2.6, dark)


def lizard(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A gecko from above."""
    coat = mix(dark, light, 0.16)
    for legs in (
        ((-4, -18), (-26, -26), (-33, -36)),
        ((6, -20), (26, -16), (36, -24)),
        ((-8, 12), (-28, 8), (-37, 17)),
        ((6, 12), (22, 20), (34, 15)),
    ):
        canvas.stroke(curve(*legs), 6.5, coat)
        for turn in (-5, 0, 5):
            x, y = legs[-1]
            canvas.fill(ellipse(x + turn, y + (abs(turn) - 4) * 0.6, 3), coat)
    canvas.stroke(curve((-2, 10), (4, 28), (22, 38), (36, 42), (46, 36)), 7, coat)
    canvas.stroke(curve((2, -28), (-2, -8), (-3, 8), (2, 24)), 20, coat)
    canvas.fill(smooth((4, -54), (16, -42), (10, -28), (-4, -28), (-9, -42)), coat)
    for x, y in ((1, -20), (-3, -7), (-3, 6), (1, 18), (14, 33)):
        canvas.fill(ellipse(x, y, 3.4), light)
    canvas.fill(ellipse(-4, -42, 2.6), light)
    canvas.fill(ellipse(11, -42, 2.6), light)


def turtle(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """A turtle from the side."""
    coat = mix(dark, light, 0.45)
    canvas.fill(path("M -30 6 C -36 -2 -54 -8 -54 8 C -54 20 -38 20 -28 18 Z"), coat)
    for x in (-24, 16):
        canvas.fill(box(x, 14, x + 15, 36, 7), coat)
    canvas.fill(path("M 34 12 L 52 20 L 34 22 Z"), coat)
    canvas.fill(path("M -38 18 C -36 -24 -12 -34 2 -34 C 20 -34 40 -20 42 18 Z"), dark)
    for x in (-18, 2, 22):
        canvas.fill(star(x, -2 - (8 if x == 2 else 0), 10, 8.5, 3), mix(dark, light, 0.35))
    canvas.fill(box(-42, 14, 46, 23, 5), mix(dark, light, 0.2))
    canvas.fill(ellipse(-45, 4, 2.6), dark)


MOTIFS: dict[str, Motif] = {
    "dog": dog,
    "cat": cat,
    "ferret": ferret,
    "fish": fish,
    "bird": bird,
    "rabbit": rabbit,
    "hamster": hamster,
    "lizard": lizard,
    "turtle": turtle,
}
