"""Toys for cats."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, path
from kibble.runtime.demo.pictures.look import GLOSS, SHADE, Look
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    INK,
    LEAF,
    WOOD,
    Colour,
    alpha,
    darker,
    lighter,
    mix,
)


def wand(canvas: Canvas, look: Look) -> None:
    """A cat teaser with feathers."""
    canvas.shadow(520, 840, 240, 34)
    canvas.stroke(((260, 800), (560, 230)), 22, WOOD)
    canvas.stroke(((260, 800), (340, 648)), 38, look.brand.base)
    canvas.stroke(curve((560, 230), (660, 200), (720, 330), (690, 470)), 7, INK)
    feather = path("M 0 0 C -70 60 -70 190 0 270 C 70 190 70 60 0 0 Z")
    for turn, tone in (
        (-34, look.accent),
        (30, mix(look.accent, look.brand.ink, 0.5)),
        (-4, look.brand.base),
    ):
        with canvas.at(690, 500, 1, -turn):
            canvas.fill(feather, tone)
            canvas.stroke(((0, 10), (0, 230)), 6, darker(tone, 0.25))
    canvas.fill(ellipse(690, 492, 32), (226, 186, 84))
    canvas.fill(ellipse(682, 484, 9), CREAM)


def mouse(canvas: Canvas, look: Look) -> None:
    """Two toy mice."""
    canvas.shadow(500, 806, 360, 40)
    _one_mouse(canvas, look.brand.base, 560, 420, 0.8)
    _one_mouse(canvas, look.accent, 470, 690, 1)


def _one_mouse(canvas: Canvas, tone: Colour, x: float, y: float, scale: float) -> None:
    with canvas.at(x, y, scale):
        canvas.stroke(curve((190, 60), (290, 80), (300, -20), (370, -60)), 16, darker(tone, 0.3))
        canvas.fill(
            path(
                "M -270 80 C -240 -20 -140 -130 20 -130 C 160 -130 230 -20 220 "
                "100 L -240 100 Q -272 100 -270 80 Z"
            ),
            tone,
        )
        canvas.fill(
            path("M 90 -118 C 180 -80 225 0 220 100 L 130 100 C 150 20 140 -60 90 -118 Z"), SHADE
        )
        canvas.fill(ellipse(-66, -112, 62), darker(tone, 0.12))
        canvas.fill(ellipse(-66, -108, 40), (240, 176, 170))
        canvas.fill(ellipse(-160, 0, 14), INK)
        canvas.fill(ellipse(-268, 72, 17), (226, 130, 126))
        canvas.stroke(((-100, 76), (120, 76)), 6, alpha(CREAM, 0.6))


def tunnel(canvas: Canvas, look: Look) -> None:
    """A crinkle tunnel."""
    canvas.shadow(510, 806, 400, 46)
    tube = path("M 300 330 L 720 330 C 850 330 850 800 720 800 L 300 800 Z")
    canvas.fill(tube, look.accent)
    with canvas.inside(tube):
        for x in (420, 540, 660):
            canvas.fill(
                path(
                    f"M {x} 320 C {x + 120} 400 {x + 120} 740 {x} 810 L {x + 56} "
                    f"810 C {x + 176} 740 {x + 176} 400 {x + 56} 320 Z"
                ),
                look.brand.base,
            )
        canvas.fill(box(280, 690, 860, 820), SHADE)
    canvas.fill(ellipse(300, 565, 128, 236), darker(look.accent, 0.2))
    canvas.fill(ellipse(300, 565, 104, 206), mix(INK, look.accent, 0.22))
    canvas.stroke(curve((420, 330), (424, 300), (440, 270)), 5, INK)
    canvas.fill(ellipse(444, 250, 26), look.brand.base)


def spring(canvas: Canvas, look: Look) -> None:
    """Plastic springs for cats."""
    canvas.shadow(500, 822, 350, 40)
    for x, y, tone, turn in (
        (330, 530, look.accent, -14),
        (530, 590, look.brand.base, 3),
        (705, 520, mix(look.brand.base, look.accent, 0.5), 18),
    ):
        with canvas.at(x, y, 1, turn):
            for row in range(7):
                canvas.stroke(arc((0, -180 + row * 58), 78, 30, 180, 360), 20, darker(tone, 0.3))
            for row in range(7):
                canvas.stroke(arc((0, -164 + row * 58), 78, 34, 0, 180), 20, tone)


def kicker(canvas: Canvas, look: Look) -> None:
    """A long cushion to wrestle with, filled with catnip."""
    canvas.shadow(500, 780, 380, 42)
    with canvas.at(500, 545, 1, -22):
        body = path(
            "M -350 -90 C -330 -130 330 -130 350 -90 C 376 -30 376 30 350 "
            "90 C 330 130 -330 130 -350 90 C -376 30 -376 -30 -350 -90 Z"
        )
        canvas.fill(body, look.accent)
        with canvas.inside(body):
            for x in (-230, 150):
                canvas.fill(box(x, -150, x + 76, 150), look.brand.base)
            canvas.fill(box(-400, 50, 400, 160), SHADE)
        with canvas.at(-2, -8, 1.5):
            canvas.fill(
                path("M -36 34 C -46 -14 -8 -44 42 -42 C 46 10 12 46 -36 34 Z"), lighter(LEAF, 0.15)
            )
            canvas.stroke(curve((-44, 44), (-16, 14), (22, -24)), 5, darker(LEAF, 0.3))


def torch(canvas: Canvas, look: Look) -> None:
    """A light to chase."""
    canvas.shadow(380, 800, 220, 36)
    with canvas.at(420, 620, 1, -38):
        canvas.fill(path("M 190 -66 L 470 -190 L 470 190 L 190 66 Z"), (255, 226, 150, 120))
        canvas.fill(ellipse(470, 0, 52, 190), (255, 240, 196, 200))
        canvas.fill(box(-220, -50, 110, 50, 30), look.accent)
        canvas.fill(box(-220, 14, 110, 50, 24), SHADE)
        canvas.fill(path("M 100 -50 L 190 -80 L 190 80 L 100 50 Z"), look.brand.base)
        canvas.fill(ellipse(190, 0, 20, 80), (255, 246, 214))
        canvas.fill(ellipse(-20, -18, 30, 18), lighter(look.accent, 0.5))


def track(canvas: Canvas, look: Look) -> None:
    """A tower of tracks with a ball in each."""
    canvas.shadow(500, 826, 340, 48)
    for level, (y, half) in enumerate(((720, 300), (560, 236), (410, 176))):
        tone = look.brand.base if level % 2 else look.accent
        drum = (
            *arc((500, y), half, half * 0.3, 180, 360),
            *arc((500, y + 84), half, half * 0.3, 0, 180),
        )
        canvas.fill(drum, darker(tone, 0.24))
        canvas.fill(ellipse(500, y, half, half * 0.3), lighter(tone, 0.12))
        canvas.fill(ellipse(500, y, half * 0.62, half * 0.17), darker(tone, 0.12))
        x = 500 + half * (-0.62, 0.5, -0.2)[level]
        canvas.fill(
            ellipse(x, y + half * 0.1, 44), (look.brand.second, CREAM, look.brand.second)[level]
        )
        canvas.fill(ellipse(x - 14, y + half * 0.1 - 14, 11), GLOSS)
        canvas.stroke(arc((500, y + 84), half, half * 0.3, 12, 168), 26, tone)
    canvas.fill(ellipse(500, 368, 60, 22), look.brand.base)
    canvas.fill(path("M 450 362 L 470 280 L 500 316 L 530 280 L 550 362 Z"), look.brand.base)
