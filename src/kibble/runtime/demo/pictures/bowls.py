"""Bowls, fountains and feeders."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, path
from kibble.runtime.demo.pictures.look import SHADE, Look, animal
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    INK,
    STEEL,
    WATER,
    WOOD,
    alpha,
    darker,
    lighter,
    mix,
)


def bowl(canvas: Canvas, look: Look) -> None:
    """A bowl: ``pair`` on a stand, ``slow`` with ridges, or (else) plain with kibble."""
    if look.form == "pair":
        _diner(canvas)
        return
    canvas.shadow(500, 792, 370, 52)
    canvas.fill(
        path("M 170 500 L 250 760 Q 262 790 300 790 L 700 790 Q 738 790 750 760 L 830 500 Z"),
        look.accent,
    )
    with canvas.inside(
        path("M 170 500 L 250 760 Q 262 790 300 790 L 700 790 Q 738 790 750 760 L 830 500 Z")
    ):
        canvas.fill(path("M 740 490 L 650 800 L 860 800 L 860 490 Z"), SHADE)
        canvas.fill(box(160, 722, 840, 800), darker(look.accent, 0.14))
    canvas.fill(ellipse(500, 500, 330, 112), lighter(look.accent, 0.3))
    canvas.fill(ellipse(500, 506, 288, 90), darker(look.accent, 0.3))
    with canvas.inside(ellipse(500, 506, 288, 90)):
        _contents(canvas, look)
    animal(canvas, Look(look.brand, look.accent, "", look.motif, ""), 500, 672, 1.15)


def _contents(canvas: Canvas, look: Look) -> None:
    if look.form == "slow":
        canvas.fill(ellipse(500, 530, 286, 84), look.accent)
        for rx in (210, 120, 36):
            canvas.stroke(arc((500, 520), rx, rx * 0.3, 200, 500), 24, lighter(look.accent, 0.35))
        return
    tones = ((176, 120, 72), (198, 142, 88), (156, 102, 60), (184, 128, 78))
    for row in range(5):
        for column in range(12):
            x = 218 + column * 52 + row % 2 * 26 + row * column * 7 % 13
            y = 462 + row * 26 + column * row * 11 % 9 + (column - 5.5) ** 2 * 0.9
            canvas.fill(ellipse(x, y, 27, 20), tones[(column * 3 + row * 5) % 4])


def _diner(canvas: Canvas) -> None:
    canvas.shadow(500, 826, 400, 46)
    for x in (180, 770):
        canvas.fill(box(x, 600, x + 50, 830, 8), darker(WOOD, 0.18))
    canvas.fill(box(140, 560, 860, 640, 22), WOOD)
    canvas.fill(box(140, 616, 860, 640, 10), darker(WOOD, 0.12))
    for x in (322, 678):
        canvas.fill(
            path(f"M {x - 140} 560 Q {x - 120} 690 {x} 690 Q {x + 120} 690 {x + 140} 560 Z"),
            darker(STEEL, 0.08),
        )
        canvas.fill(ellipse(x, 560, 156, 42), lighter(STEEL, 0.45))
    canvas.fill(ellipse(322, 562, 128, 31), (176, 120, 72))
    canvas.fill(ellipse(678, 562, 128, 31), WATER)
    for x in range(230, 420, 44):
        canvas.fill(ellipse(x, 546 + (x // 44 % 2) * 10, 26, 18), (198, 142, 88))
    canvas.stroke(((620, 556), (700, 556)), 6, CREAM)


def fountain(canvas: Canvas, look: Look) -> None:
    """A drinking fountain."""
    canvas.shadow(500, 830, 330, 48)
    base = path("M 236 560 L 262 790 Q 268 828 310 828 L 690 828 Q 732 828 738 790 L 764 560 Z")
    canvas.fill(base, look.accent)
    with canvas.inside(base):
        canvas.fill(path("M 690 550 L 650 840 L 800 840 L 800 550 Z"), SHADE)
    canvas.fill(ellipse(500, 560, 266, 84), lighter(look.accent, 0.45))
    canvas.fill(ellipse(500, 564, 228, 64), WATER)
    for rx in (150, 84):
        canvas.stroke(arc((500, 568), rx, rx * 0.28, 0, 360), 6, alpha((255, 255, 255), 0.75))
    canvas.fill(
        path("M 462 572 L 470 380 Q 500 340 530 380 L 538 572 Z"), lighter(look.accent, 0.25)
    )
    for side in (-1, 1):
        canvas.stroke(
            curve(
                (500, 360), (500 + side * 60, 330), (500 + side * 96, 420), (500 + side * 104, 556)
            ),
            15,
            lighter(WATER, 0.35),
        )
    canvas.fill(ellipse(500, 352, 40, 24), lighter(WATER, 0.5))
    canvas.fill(box(440, 690, 560, 716, 13), lighter(look.accent, 0.4))


def feeder(canvas: Canvas, look: Look) -> None:
    """An automatic feeder."""
    canvas.shadow(500, 836, 330, 46)
    canvas.fill(box(330, 210, 670, 560, 40), mix(CREAM, look.accent, 0.2))
    canvas.fill(box(350, 330, 650, 560), (190, 136, 86))
    for index in range(40):
        canvas.fill(
            ellipse(366 + index % 8 * 38, 340 + index // 8 * 46, 19, 15),
            ((206, 152, 98), (168, 114, 68))[index * 3 % 2],
        )
    canvas.fill(box(590, 230, 670, 560, 20), SHADE)
    canvas.fill(box(310, 190, 690, 250, 30), look.accent)
    canvas.fill(path("M 300 540 L 700 540 L 730 760 L 270 760 Z"), look.accent)
    canvas.fill(box(420, 590, 580, 660, 24), INK)
    canvas.fill(box(448, 616, 520, 632, 8), (158, 220, 190))
    animal(canvas, look, 646, 626, 0.72)
    canvas.fill(path("M 220 740 L 780 740 L 740 836 L 260 836 Z"), lighter(look.accent, 0.28))
    canvas.fill(ellipse(500, 744, 240, 34), darker(look.accent, 0.3))
    for x in range(360, 650, 40):
        canvas.fill(ellipse(x, 740 + (x // 40 % 2) * 8, 22, 15), (198, 142, 88))
