"""Grooming."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import box, ellipse, path
from kibble.runtime.demo.pictures.look import SHADE, Look, animal, emblem, label
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    INK,
    STEEL,
    Colour,
    alpha,
    darker,
    lighter,
    mix,
)


def brush(canvas: Canvas, look: Look) -> None:
    """A brush: ``comb``, ``clipper``, ``glove``, ``rake`` or (else) a slicker."""
    canvas.shadow(500, 830, 280, 42)
    if look.form == "clipper":
        _clipper(canvas, look)
    elif look.form == "glove":
        _glove(canvas, look)
    else:
        with canvas.at(500, 520, 1, 28):
            {"comb": _comb, "rake": _rake}.get(look.form, _slicker)(canvas, look)


def _handle(canvas: Canvas, tone: Colour) -> None:
    canvas.fill(
        path("M -40 0 L 40 0 Q 60 180 46 320 Q 40 366 0 366 Q -40 366 -46 320 Q -60 180 -40 0 Z"),
        tone,
    )
    canvas.fill(path("M 14 0 L 40 0 Q 60 180 46 320 Q 40 366 0 366 Q 30 300 14 0 Z"), SHADE)


def _slicker(canvas: Canvas, look: Look) -> None:
    _handle(canvas, look.accent)
    canvas.fill(box(-190, -280, 190, 40, 70), darker(look.accent, 0.16))
    canvas.fill(box(-160, -252, 160, 12, 50), mix(CREAM, look.accent, 0.12))
    for row in range(6):
        for column in range(8):
            canvas.fill(ellipse(-126 + column * 36, -222 + row * 41, 7), darker(STEEL, 0.3))
    canvas.fill(ellipse(0, 320, 16), lighter(look.accent, 0.5))


def _comb(canvas: Canvas, look: Look) -> None:
    _handle(canvas, look.accent)
    canvas.fill(box(-210, -70, 210, 20, 26), lighter(look.accent, 0.1))
    for x in range(-194, 200, 24):
        canvas.fill(box(x, -270, x + 11, -50, 5), STEEL if x < 0 else darker(STEEL, 0.08))


def _rake(canvas: Canvas, look: Look) -> None:
    _handle(canvas, look.accent)
    canvas.fill(
        path("M -60 10 L -170 -90 L -170 -170 L 170 -170 L 170 -90 L 60 10 Z"), look.brand.base
    )
    for x in range(-158, 160, 20):
        canvas.fill(path(f"M {x} -164 L {x + 14} -164 L {x + 7} -236 Z"), darker(STEEL, 0.1))


def _clipper(canvas: Canvas, look: Look) -> None:
    with canvas.at(500, 520, 1, 30):
        for side in (-1, 1):
            with canvas.at(0, 0, 1, side * 11):
                canvas.fill(
                    path(
                        f"M {side * -10} -40 L {side * 56} -40 Q {side * 90} 160 {side * 60} "
                        f"320 Q {side * 20} 350 {side * 6} 310 Z"
                    ),
                    look.accent if side < 0 else darker(look.accent, 0.14),
                )
        canvas.fill(path("M -70 -40 Q -90 -200 0 -290 Q 90 -200 70 -40 Z"), STEEL)
        canvas.fill(ellipse(0, -160, 36, 52), mix((246, 241, 232), look.accent, 0.16))
        canvas.fill(path("M 20 -60 Q 60 -160 20 -260 Q 90 -190 70 -40 Z"), SHADE)
        canvas.fill(ellipse(0, -30, 26), darker(STEEL, 0.3))


def _glove(canvas: Canvas, look: Look) -> None:
    hand = path(
        "M 330 560 L 300 330 Q 300 290 330 290 Q 358 290 364 330 L 380 "
        "460 L 384 240 Q 388 200 418 200 Q 450 200 452 240 L 462 450 "
        "L 490 220 Q 498 184 526 186 Q 556 190 554 228 L 542 460 L 590 290 "
        "Q 602 256 630 264 Q 656 274 648 310 L 616 520 L 690 450 Q 720 430 740 450 "
        "Q 756 470 738 500 L 640 690 L 640 800 L 360 800 L 360 680 Z"
    )
    canvas.fill(hand, look.accent)
    with canvas.inside(hand):
        for row in range(12):
            for column in range(9):
                canvas.fill(
                    ellipse(310 + column * 52 + row % 2 * 26, 240 + row * 42, 11),
                    darker(look.accent, 0.22),
                )
        canvas.fill(box(340, 720, 660, 810), look.brand.base)
    emblem(canvas, look, 500, 764, 0.54)


def wipes(canvas: Canvas, look: Look) -> None:
    """A soft pack of wipes; ``pads`` is a stack of training pads."""
    canvas.shadow(500, 800, 390, 50)
    if look.form == "pads":
        for index in range(5):
            y = 720 - index * 66
            canvas.fill(
                box(170, y, 830, y + 70, 34),
                darker(look.accent, 0.12 * (index % 2)) if index < 4 else look.accent,
            )
            canvas.fill(box(190, y + 6, 810, y + 40, 20), CREAM)
        canvas.fill(box(370, 440, 630, 800, 10), look.brand.base)
        label(canvas, look, 500, 610, 100)
        return
    canvas.fill(path("M 420 360 C 440 280 470 330 500 250 C 530 320 570 280 590 370 Z"), CREAM)
    canvas.fill(path("M 500 250 C 530 320 570 280 590 370 L 520 370 Z"), darker(CREAM, 0.07))
    pack = box(160, 380, 840, 790, 70)
    canvas.fill(pack, look.brand.base)
    with canvas.inside(pack):
        canvas.fill(path("M 150 660 Q 500 590 850 690 L 850 800 L 150 800 Z"), look.accent)
        canvas.fill(box(760, 370, 850, 800), SHADE)
    canvas.fill(box(340, 350, 660, 440, 40), look.accent)
    canvas.fill(box(380, 366, 620, 392, 13), darker(look.accent, 0.25))
    label(canvas, look, 500, 572, 104)
    for x in (172, 800):
        canvas.fill(box(x, 400, x + 14, 770, 4), alpha(INK, 0.1))


def towel(canvas: Canvas, look: Look) -> None:
    """A folded towel; ``robe`` would be one too."""
    canvas.shadow(500, 800, 360, 46)
    for index, tone in enumerate(
        (darker(look.accent, 0.14), look.accent, lighter(look.accent, 0.16))
    ):
        y = 660 - index * 120
        canvas.fill(box(190, y, 810, y + 136, 60), tone)
        canvas.fill(box(700, y, 810, y + 136, 56), SHADE)
        canvas.stroke(((220, y + 100), (760, y + 100)), 9, lighter(tone, 0.45))
    canvas.fill(box(600, 500, 700, 700, 8), CREAM)
    animal(canvas, look, 650, 590, 0.72)
