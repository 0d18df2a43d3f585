"""Crates, pens, gates and carriers."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, mirrored, path
from kibble.runtime.demo.pictures.look import SHADE, Look, animal, emblem
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    INK,
    STEEL,
    WOOD,
    Colour,
    alpha,
    darker,
    lighter,
    mix,
)


def crate(canvas: Canvas, look: Look) -> None:
    """A wire crate; ``table`` is one of wood, ``pen`` and ``gate`` are open barriers."""
    canvas.shadow(500, 826, 410, 48)
    if look.form in {"pen", "gate"}:
        _barrier(canvas, look)
        return
    canvas.fill(box(160, 340, 840, 800, 14), alpha(INK, 0.10))
    canvas.fill(
        path("M 190 720 L 810 720 Q 830 790 800 790 L 200 790 Q 170 790 190 720 Z"), look.accent
    )
    canvas.fill(box(220, 690, 780, 750, 30), lighter(look.accent, 0.35))
    _bars(canvas, look.brand.ink, (160, 340, 840, 800), 14)
    canvas.stroke(((160, 500), (840, 500)), 8, look.brand.ink)
    canvas.fill(box(140, 776, 860, 826, 14), darker(look.brand.ink, 0.1))
    if look.form == "table":
        for x in (140, 812):
            canvas.fill(box(x, 340, x + 48, 826, 8), darker(WOOD, 0.3))
        canvas.fill(box(110, 286, 890, 352, 16), darker(WOOD, 0.2))
        canvas.fill(box(110, 286, 890, 304, 9), lighter(WOOD, 0.1))
        return
    canvas.stroke(curve((430, 336), (440, 280), (560, 280), (570, 336)), 20, look.brand.ink)
    canvas.fill(box(600, 540, 690, 580, 12), STEEL)


def _bars(
    canvas: Canvas, tone: Colour, area: tuple[float, float, float, float], count: int
) -> None:
    left, top, right, bottom = area
    for index in range(count + 1):
        x = left + (right - left) * index / count
        canvas.stroke(((x, top), (x, bottom)), 9 if index % count else 18, tone)
    for y in (top, bottom):
        canvas.stroke(((left, y), (right, y)), 18, tone)


def _barrier(canvas: Canvas, look: Look) -> None:
    tone = look.accent
    for left, right, low in ((130, 380, 800), (380, 620, 826), (620, 870, 800)):
        with canvas.at(0, low - 826):
            _bars(canvas, tone, (left, 380, right, 816), 5)
    canvas.fill(box(376, 366, 624, 400, 10), darker(tone, 0.2))
    canvas.fill(box(560, 560, 604, 640, 12), look.brand.base)


def carrier(canvas: Canvas, look: Look) -> None:
    """A carrier: ``soft``, ``pack`` (a backpack) or (else) hard."""
    canvas.shadow(500, 828, 380, 48)
    if look.form == "pack":
        _backpack(canvas, look)
        return
    canvas.stroke(curve((380, 350), (400, 236), (600, 236), (620, 350)), 40, look.brand.ink)
    body = box(180, 340, 820, 826, 90 if look.form == "soft" else 60)
    canvas.fill(body, look.accent)
    with canvas.inside(body):
        canvas.fill(
            box(180, 600, 820, 850),
            darker(look.accent, 0.12) if look.form == "soft" else look.brand.base,
        )
        canvas.fill(box(740, 330, 840, 840), SHADE)
    door = box(270, 424, 620, 752, 44)
    canvas.fill(door, mix(INK, look.accent, 0.28))
    animal(canvas, Look(look.brand, look.accent, "", look.motif, ""), 445, 620, 2.1)
    with canvas.inside(door):
        if look.form == "soft":
            for x in range(260, 900, 26):
                canvas.stroke(((x, 420), (x - 330, 760)), 3, alpha(CREAM, 0.30))
                canvas.stroke(((x - 330, 420), (x, 760)), 3, alpha(CREAM, 0.30))
        else:
            for x in range(310, 620, 54):
                canvas.stroke(((x, 420), (x, 760)), 11, STEEL)
    if look.form != "soft":
        canvas.fill(box(170, 572, 830, 604, 12), darker(look.brand.base, 0.2))
        for x in (700, 760):
            canvas.fill(box(x, 440, x + 26, 530, 13), darker(look.accent, 0.28))
        with canvas.inside(door):
            for x in range(310, 620, 54):
                canvas.stroke(((x, 560), (x, 620)), 11, STEEL)


def _backpack(canvas: Canvas, look: Look) -> None:
    canvas.stroke(curve((440, 210), (450, 150), (550, 150), (560, 210)), 26, look.brand.ink)
    for strap in (
        path("M 270 380 C 210 420 196 640 236 760 L 280 750 C 250 640 260 480 300 420 Z"),
    ):
        canvas.fill(strap, look.brand.ink)
        canvas.fill(mirrored(strap), look.brand.ink)
    body = path(
        "M 290 380 C 290 250 380 190 500 190 C 620 190 710 250 710 380 "
        "L 724 770 Q 724 828 664 828 L 336 828 Q 276 828 276 770 Z"
    )
    canvas.fill(body, look.accent)
    with canvas.inside(body):
        canvas.fill(box(650, 180, 740, 840), SHADE)
        canvas.fill(box(260, 690, 740, 840), darker(look.accent, 0.16))
    canvas.fill(ellipse(500, 470, 158), darker(look.accent, 0.3))
    canvas.fill(ellipse(500, 470, 138), lighter((214, 232, 236), 0.1))
    animal(canvas, look, 500, 490, 1.9)
    canvas.stroke(arc((500, 470), 110, 110, 190, 250), 16, alpha((255, 255, 255), 0.8))
    emblem(canvas, look, 500, 756, 0.7)
