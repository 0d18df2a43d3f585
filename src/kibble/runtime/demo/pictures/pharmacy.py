"""The pharmacy, and what comes in bottles."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, path
from kibble.runtime.demo.pictures.look import (
    GLOSS,
    SHADE,
    Look,
    animal,
    emblem,
    flavour,
    label,
    name,
)
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    GLASS,
    INK,
    STEEL,
    alpha,
    darker,
    lighter,
    mix,
)

_AMBER = (190, 116, 52)


def bottle(canvas: Canvas, look: Look) -> None:
    """A bottle: ``pump``, ``spray``, ``nozzle`` or (else) with a flip cap."""
    canvas.shadow(500, 842, 230, 40)
    _top(canvas, look)
    body = path(
        "M 440 330 L 560 330 Q 664 346 670 470 L 670 790 Q 670 840 620 "
        "840 L 380 840 Q 330 840 330 790 L 330 470 Q 336 346 440 330 "
        "Z"
    )
    canvas.fill(body, look.brand.base)
    with canvas.inside(body):
        canvas.fill(path("M 320 720 Q 500 680 680 720 L 680 850 L 320 850 Z"), look.accent)
        canvas.fill(box(606, 320, 680, 850), SHADE)
        canvas.fill(box(354, 320, 374, 850), GLOSS)
    name(canvas, 500, 412, 180, look.on_base)
    label(canvas, look, 500, 578, 112)
    flavour(canvas, look, 500, 778, 0.76)


def _top(canvas: Canvas, look: Look) -> None:
    tone = look.accent
    if look.form == "pump":
        canvas.fill(box(484, 200, 516, 300), STEEL)
        canvas.fill(
            path("M 450 160 L 560 160 Q 620 164 626 214 L 600 214 Q 590 196 550 196 L 450 196 Z"),
            tone,
        )
        canvas.fill(box(430, 270, 570, 340, 12), tone)
    elif look.form == "spray":
        canvas.fill(
            path("M 440 150 L 590 150 Q 640 154 640 200 L 560 206 L 560 290 L 440 290 Z"), tone
        )
        canvas.fill(path("M 560 206 L 610 210 Q 600 270 566 286 Z"), darker(tone, 0.2))
        canvas.fill(box(640, 160, 664, 196, 6), look.brand.ink)
        canvas.fill(box(430, 280, 570, 340, 10), darker(tone, 0.12))
    elif look.form == "nozzle":
        canvas.fill(path("M 486 130 L 514 130 L 550 290 L 450 290 Z"), CREAM)
        canvas.fill(path("M 505 130 L 514 130 L 550 290 L 530 290 Z"), SHADE)
        canvas.fill(box(430, 276, 570, 340, 12), tone)
    else:
        canvas.fill(box(420, 236, 580, 340, 18), tone)
        canvas.fill(box(420, 290, 580, 300, 4), darker(tone, 0.24))


def pills(canvas: Canvas, look: Look) -> None:
    """A pharmacy bottle; ``chews`` has soft chews before it, ``white`` is for supplements."""
    canvas.shadow(500, 842, 300, 44)
    glass = _AMBER if look.form == "" else mix(CREAM, look.brand.base, 0.5)
    body = box(330, 300, 670, 836, 62)
    canvas.fill(body, glass)
    with canvas.inside(body):
        canvas.fill(box(604, 280, 680, 850), SHADE)
        canvas.fill(box(350, 280, 370, 850), GLOSS)
        canvas.fill(box(330, 410, 670, 740), look.brand.base if look.form else CREAM)
        canvas.fill(box(330, 700, 670, 740), look.accent)
        canvas.fill(box(604, 410, 680, 740), SHADE)
    canvas.fill(box(312, 196, 688, 306, 22), CREAM if look.form == "" else look.accent)
    for x in range(330, 680, 24):
        canvas.fill(box(x, 210, x + 7, 294, 3), alpha(INK, 0.12))
    with canvas.at(0, -6):
        emblem(canvas, Look(look.brand, look.accent, "", "", ""), 500, 456, 0.5)
        animal(canvas, look, 500, 586, 1.3)
    _doses(canvas, look)


def _doses(canvas: Canvas, look: Look) -> None:
    for x, y, turn in ((250, 806, -20), (742, 790, 24), (690, 826, -8)):
        with canvas.at(x, y, 1, turn):
            if look.form == "chews":
                canvas.fill(box(-44, -36, 44, 36, 22), mix(look.accent, (150, 104, 64), 0.6))
                canvas.fill(box(-22, -18, 22, 18, 12), mix(look.accent, (120, 80, 48), 0.7))
            else:
                canvas.fill(box(-54, -24, 54, 24, 24), look.accent)
                canvas.fill(box(0, -24, 54, 24, 24), CREAM)
                canvas.fill(box(0, -24, 20, 24), CREAM)
                canvas.fill(box(-36, -14, 36, -6, 4), GLOSS)


def dropper(canvas: Canvas, look: Look) -> None:
    """A dropper bottle."""
    canvas.shadow(500, 842, 230, 40)
    canvas.fill(
        path("M 456 200 Q 456 140 500 140 Q 544 140 544 200 L 548 290 L 452 290 Z"), look.accent
    )
    canvas.fill(box(420, 280, 580, 380, 14), INK)
    for x in range(436, 576, 20):
        canvas.fill(box(x, 292, x + 6, 368, 3), alpha(CREAM, 0.25))
    body = path(
        "M 430 376 L 570 376 L 576 420 Q 672 440 672 520 L 672 790 Q "
        "672 840 624 840 L 376 840 Q 328 840 328 790 L 328 520 Q 328 "
        "440 424 420 Z"
    )
    canvas.fill(body, _AMBER)
    with canvas.inside(body):
        canvas.fill(box(320, 520, 680, 780), look.brand.base)
        canvas.fill(box(320, 740, 680, 780), look.accent)
        canvas.fill(box(604, 370, 680, 850), SHADE)
        canvas.fill(box(350, 370, 370, 850), GLOSS)
    label(canvas, look, 500, 630, 92)


def tablets(canvas: Canvas, look: Look) -> None:
    """A flat box with a blister sheet before it; ``sachets`` has sachets instead."""
    canvas.shadow(520, 830, 360, 46)
    canvas.fill(((250, 300), (700, 300), (700, 760), (250, 760)), look.brand.base)
    canvas.fill(((700, 300), (770, 260), (770, 710), (700, 760)), darker(look.brand.base, 0.2))
    canvas.fill(((250, 300), (330, 260), (770, 260), (700, 300)), lighter(look.brand.base, 0.3))
    canvas.fill(((250, 300), (700, 300), (700, 400), (250, 400)), look.accent)
    canvas.fill(((700, 300), (770, 260), (770, 358), (700, 400)), darker(look.accent, 0.2))
    label(canvas, look, 400, 556, 108)
    name(canvas, 590, 470, 150, look.on_base)
    if look.form == "sachets":
        for x, turn in ((560, -6), (690, 8)):
            with canvas.at(x, 700, 1, turn):
                canvas.fill(box(-74, -120, 74, 130, 6), CREAM)
                canvas.fill(box(-74, -40, 74, 60), look.accent)
                for y in (-112, 114):
                    canvas.fill(box(-74, y, 74, y + 8, 2), alpha(INK, 0.15))
        return
    with canvas.at(620, 730, 1, -10):
        canvas.fill(box(-190, -90, 190, 90, 18), lighter(STEEL, 0.3))
        for column in range(5):
            for row in range(2):
                x, y = -146 + column * 73, -42 + row * 84
                canvas.fill(ellipse(x, y + 3, 29, 31), darker(STEEL, 0.16))
                canvas.fill(ellipse(x, y, 26, 28), mix(CREAM, look.accent, 0.15))


def pipettes(canvas: Canvas, look: Look) -> None:
    """A box of spot-on pipettes."""
    canvas.shadow(500, 830, 370, 44)
    canvas.fill(box(220, 290, 640, 800, 18), look.brand.base)
    canvas.fill(box(220, 290, 640, 390, 18), look.accent)
    canvas.fill(box(220, 360, 640, 392), look.accent)
    canvas.fill(box(580, 290, 640, 800, 12), SHADE)
    label(canvas, look, 420, 570, 116)
    name(canvas, 420, 316, 190, look.on_accent)
    for x, turn in ((630, -8), (730, 6), (826, 16)):
        with canvas.at(x, 670, 0.9, turn):
            canvas.fill(
                path(
                    "M -12 -190 L 12 -190 L 20 -90 Q 62 -70 62 0 L 62 130 Q 62 160 "
                    "30 160 L -30 160 Q -62 160 -62 130 L -62 0 Q -62 -70 -20 -90 "
                    "Z"
                ),
                mix(GLASS, CREAM, 0.3),
            )
            canvas.fill(
                path("M -50 30 L 50 30 L 50 126 Q 50 148 28 148 L -28 148 Q -50 148 -50 126 Z"),
                look.accent,
            )
            canvas.fill(box(-18, -214, 18, -170, 8), look.brand.ink)


def tube(canvas: Canvas, look: Look) -> None:
    """A tube of gel or paste; ``brush`` comes with a toothbrush."""
    canvas.shadow(500, 820, 300, 40)
    with canvas.at(500, 500, 1, 16):
        body = path(
            "M -150 -330 L 150 -330 C 150 -100 120 60 90 200 L -90 200 C "
            "-120 60 -150 -100 -150 -330 Z"
        )
        canvas.fill(body, look.brand.base)
        with canvas.inside(body):
            canvas.fill(box(-200, 60, 200, 220), look.accent)
            canvas.fill(path("M 90 -340 C 90 -100 70 60 40 220 L 200 220 L 200 -340 Z"), SHADE)
        canvas.fill(box(-156, -366, 156, -318, 8), darker(look.brand.base, 0.14))
        canvas.fill(box(-70, 200, 70, 320, 22), look.brand.ink)
        for x in range(-56, 66, 22):
            canvas.fill(box(x, 214, x + 6, 306, 3), alpha(CREAM, 0.25))
        label(canvas, look, 0, -110, 92)
    if look.form == "brush":
        with canvas.at(742, 540, 1, -16):
            canvas.fill(box(-20, -250, 20, 280, 20), look.accent)
            canvas.fill(box(-52, -250, -18, -120, 8), CREAM)
            for y in range(-236, -124, 22):
                canvas.fill(box(-52, y, -18, y + 6), alpha(INK, 0.16))


def cone(canvas: Canvas, look: Look) -> None:
    """A recovery cone around its wearer."""
    canvas.shadow(500, 840, 280, 40)
    back = path("M 210 300 Q 500 200 790 300 L 660 760 Q 500 820 340 760 Z")
    canvas.fill(back, mix(GLASS, look.accent, 0.3))
    animal(canvas, look, 500, 500, 3.1)
    front = path("M 210 300 Q 500 420 790 300 L 660 760 Q 500 830 340 760 Z")
    canvas.fill(front, alpha(lighter(look.accent, 0.55), 0.55))
    canvas.stroke(curve((210, 300), (500, 360), (790, 300)), 12, look.accent)
    canvas.stroke(arc((500, 296), 290, 48, 180, 360), 12, look.accent)
    canvas.stroke(curve((344, 756), (500, 800), (656, 756)), 34, look.accent)
    for x in (420, 500, 580):
        canvas.fill(ellipse(x, 784, 10), CREAM)


def bandage(canvas: Canvas, look: Look) -> None:
    """Two rolls of bandage."""
    canvas.shadow(500, 816, 360, 44)
    for x, y, tone in ((636, 590, look.brand.second), (384, 620, look.accent)):
        canvas.fill(
            path(
                f"M {x - 176} {y} L {x - 176} {y + 150} Q {x} {y + 230} {x + 176} "
                f"{y + 150} L {x + 176} {y} Z"
            ),
            darker(tone, 0.1),
        )
        canvas.fill(ellipse(x, y, 176, 70), tone)
        for rx in (136, 96, 56):
            canvas.stroke(arc((x, y), rx, rx * 0.4, 0, 360), 6, darker(tone, 0.14))
        canvas.fill(ellipse(x, y, 28, 11), mix(INK, tone, 0.4))
    with canvas.at(640, 330, 1, -18):
        canvas.fill(box(-190, -50, 190, 50, 48), (238, 204, 168))
        canvas.fill(box(-62, -50, 62, 50), (250, 232, 208))
        for x in (-30, 0, 30):
            for y in (-20, 16):
                canvas.fill(ellipse(x, y, 7), (222, 184, 148))


def first_aid(canvas: Canvas, look: Look) -> None:
    """A first aid case."""
    canvas.shadow(500, 816, 380, 48)
    canvas.stroke(curve((400, 370), (410, 276), (590, 276), (600, 370)), 40, look.brand.ink)
    case = box(170, 350, 830, 810, 80)
    canvas.fill(case, look.accent)
    with canvas.inside(case):
        canvas.fill(box(740, 340, 840, 820), SHADE)
        canvas.fill(box(200, 340, 226, 820), GLOSS)
    canvas.fill(box(170, 560, 830, 574), alpha(INK, 0.2))
    canvas.fill(ellipse(500, 580, 150), CREAM)
    canvas.fill(box(464, 480, 536, 680, 16), look.accent)
    canvas.fill(box(400, 544, 600, 616, 16), look.accent)
    for x in (250, 700):
        canvas.fill(box(x, 540, x + 54, 606, 12), look.brand.base)
