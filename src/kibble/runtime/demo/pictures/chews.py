"""Things to chew."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import box, curve, ellipse, path
from kibble.runtime.demo.pictures.look import GLOSS, SHADE, Look, emblem
from kibble.runtime.demo.pictures.palette import CREAM, INK, Colour, alpha, darker, lighter


def chew(canvas: Canvas, look: Look) -> None:
    """Chews: ``bone``, ``sticks``, ``twist`` or ``antler``."""
    canvas.shadow(500, 790, 330, 42)
    {"sticks": _sticks, "twist": _twists, "antler": _antler}.get(look.form, _bone)(
        canvas, look.accent
    )
    _swing_tag(canvas, look)


def _swing_tag(canvas: Canvas, look: Look) -> None:
    canvas.stroke(curve((560, 600), (660, 640), (720, 690)), 7, CREAM)
    with canvas.at(770, 748, 1, -24):
        canvas.fill(
            path("M -40 -92 L 40 -92 L 66 -60 L 66 92 L -66 92 L -66 -60 Z"), look.brand.base
        )
        canvas.fill(ellipse(0, -66, 11), CREAM)
        emblem(canvas, look, 0, 20, 0.86)


def _bone(canvas: Canvas, tone: Colour) -> None:
    with canvas.at(500, 540, 1, -30):
        outline = path(
            "M -190 -62 C -230 -150 -350 -130 -338 -40 C -336 -20 -330 -10 "
            "-322 0 C -330 10 -336 20 -338 40 C -350 130 -230 150 -190 62 "
            "L 190 62 C 230 150 350 130 338 40 C 336 20 330 10 322 0 "
            "C 330 -10 336 -20 338 -40 C 350 -130 230 -150 190 -62 Z"
        )
        canvas.fill(outline, tone)
        with canvas.inside(outline):
            canvas.fill(box(-360, 26, 360, 160), SHADE)
        for x in (-110, -50, 10, 70, 130):
            canvas.fill(ellipse(x, -14, 14, 10), darker(tone, 0.16))
        canvas.stroke(((-180, -40), (120, -40)), 12, GLOSS)


def _sticks(canvas: Canvas, tone: Colour) -> None:
    for index, turn in enumerate((-24, -9, 8, 22)):
        shade = (tone, darker(tone, 0.14), lighter(tone, 0.16), darker(tone, 0.08))[index]
        with canvas.at(500, 560, 1, turn):
            canvas.fill(box(-38, -330, 38, 230, 34), shade)
            canvas.fill(box(8, -330, 38, 230, 28), SHADE)
            canvas.fill(box(-24, -300, -14, 200, 5), GLOSS)
    canvas.fill(box(392, 560, 608, 642, 20), CREAM)
    canvas.fill(box(392, 560, 608, 574, 6), darker(CREAM, 0.1))
    canvas.fill(ellipse(500, 608, 20), tone)


def _twists(canvas: Canvas, tone: Colour) -> None:
    for y, shade in ((390, darker(tone, 0.1)), (540, tone), (690, lighter(tone, 0.14))):
        with canvas.at(500, y, 1, -12):
            canvas.fill(box(-320, -52, 320, 52, 50), shade)
            for x in range(-270, 290, 74):
                canvas.stroke(
                    curve((x - 18, 44), (x + 4, 0), (x + 30, -44)), 14, darker(shade, 0.2)
                )
            canvas.stroke(((-280, -30), (260, -30)), 8, GLOSS)


def _antler(canvas: Canvas, tone: Colour) -> None:
    canvas.stroke(curve((240, 700), (420, 650), (600, 520), (760, 300)), 92, tone)
    canvas.stroke(curve((520, 590), (600, 400), (590, 270)), 66, tone)
    canvas.stroke(curve((250, 720), (430, 672), (612, 545), (770, 330)), 20, alpha(INK, 0.1))
    canvas.fill(ellipse(236, 702, 40, 48), lighter(tone, 0.4))
    canvas.fill(ellipse(236, 702, 22, 28), darker(tone, 0.12))
