"""Things for walks: collars, leashes, harnesses, coats."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, mirrored, path, smooth
from kibble.runtime.demo.pictures.look import GLOSS, SHADE, Look, animal, emblem
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

_BRASS = (222, 184, 92)


def collar(canvas: Canvas, look: Look) -> None:
    """A collar with its tag; ``bell`` has a bell, ``plain`` neither (a flea collar)."""
    canvas.shadow(500, 800, 300, 40)
    inner = mix(look.accent, INK, 0.32)
    canvas.stroke(arc((500, 470), 270, 190, 180, 360), 74, inner)
    canvas.stroke(arc((500, 490), 270, 190, 0, 180), 84, look.accent)
    canvas.stroke(arc((500, 462), 266, 188, 14, 166), 7, alpha(lighter(look.accent, 0.6), 0.7))
    canvas.stroke(arc((500, 520), 266, 188, 14, 166), 7, alpha(lighter(look.accent, 0.6), 0.7))
    with canvas.at(300, 632, 1, 38):
        canvas.fill(box(-66, -58, 66, 58, 18), darker(look.brand.ink, 0.05))
        canvas.fill(box(-40, -34, 40, 34, 12), lighter(look.brand.ink, 0.2))
        canvas.fill(box(-8, -34, 8, 34, 4), look.brand.ink)
    if look.form == "plain":
        return
    canvas.stroke(arc((500, 720), 30, 34, 0, 360), 12, _BRASS)
    if look.form == "bell":
        canvas.fill(ellipse(500, 790, 54), _BRASS)
        canvas.fill(box(450, 792, 550, 802, 5), darker(_BRASS, 0.4))
        canvas.fill(ellipse(500, 818, 10), darker(_BRASS, 0.5))
        canvas.fill(ellipse(480, 768, 12), lighter(_BRASS, 0.7))
    else:
        canvas.fill(ellipse(500, 800, 62), lighter(_BRASS, 0.1))
        canvas.fill(ellipse(500, 800, 50), lighter(_BRASS, 0.4))
        with canvas.at(500, 800, 0.5):
            canvas.fill(ellipse(0, 22, 34, 28), darker(_BRASS, 0.3))
            for x, y in ((-38, -8), (-14, -34), (14, -34), (38, -8)):
                canvas.fill(ellipse(x, y, 12, 16), darker(_BRASS, 0.3))


def leash(canvas: Canvas, look: Look) -> None:
    """A coiled leash; ``reel`` is a retractable one."""
    canvas.shadow(500, 816, 330, 42)
    if look.form == "reel":
        _reel(canvas, look)
        return
    tone = look.accent
    for shift in (0, 46, 92):
        canvas.stroke(
            arc((460, 560 + shift * 0.5), 260 - shift, 220 - shift, 0, 360),
            30,
            darker(tone, 0.1 if shift == 46 else 0),
        )
    canvas.stroke(curve((640, 720), (760, 700), (770, 560), (720, 420), (600, 300)), 30, tone)
    canvas.stroke(
        curve((600, 300), (520, 200), (640, 140), (720, 200), (650, 300), (600, 300)),
        30,
        darker(tone, 0.08),
    )
    canvas.stroke(((604, 306), (632, 330)), 44, look.brand.base)
    canvas.stroke(((676, 716), (620, 730)), 46, look.brand.base)
    canvas.stroke(((600, 736), (560, 762)), 22, STEEL)
    canvas.stroke(arc((520, 792), 46, 36, 30, 330), 17, STEEL)


def _reel(canvas: Canvas, look: Look) -> None:
    body = path(
        "M 240 560 C 240 400 360 320 500 320 C 680 320 760 430 760 560 "
        "C 760 700 660 800 500 800 C 350 800 240 710 240 560 Z"
    )
    canvas.stroke(curve((250, 610), (190, 660), (160, 780)), 22, look.accent)
    canvas.stroke(arc((154, 806), 22, 28, -60, 240), 13, STEEL)
    canvas.fill(body, look.brand.base)
    with canvas.inside(body):
        canvas.fill(path("M 620 300 C 740 440 720 700 560 820 L 800 820 L 800 300 Z"), SHADE)
    canvas.fill(
        path(
            "M 430 420 C 430 360 640 350 680 470 C 690 520 670 540 640 530 "
            "C 560 500 440 500 430 420 Z"
        ),
        mix((246, 241, 232), look.accent, 0.16),
    )
    canvas.fill(ellipse(450, 630, 104), lighter(look.brand.base, 0.3))
    canvas.fill(box(340, 330, 450, 390, 24), look.accent)
    with canvas.at(450, 630, 1.1):
        emblem(canvas, look, 0, 0, 1)


def harness(canvas: Canvas, look: Look) -> None:
    """A padded vest harness, seen from the front."""
    canvas.shadow(500, 832, 300, 42)
    canvas.stroke(arc((500, 330), 170, 130, 180, 360), 64, darker(look.accent, 0.22))
    vest = path(
        "M 318 300 C 300 400 330 470 380 520 C 360 600 370 700 420 800 "
        "Q 500 830 580 800 C 630 700 640 600 620 520 C 670 470 700 400 "
        "682 300 "
        "C 640 300 620 330 610 370 C 580 440 420 440 390 370 C 380 330 360 300 318 300 Z"
    )
    for shape in (
        path("M 392 560 C 300 580 236 640 214 720 L 262 750 C 300 690 340 660 396 650 Z"),
    ):
        canvas.fill(shape, look.brand.base)
        canvas.fill(mirrored(shape), look.brand.base)
    canvas.fill(vest, look.accent)
    with canvas.inside(vest):
        canvas.fill(path("M 590 300 C 640 480 620 700 560 830 L 740 830 L 740 300 Z"), SHADE)
    canvas.stroke(
        curve((340, 330), (372, 440), (500, 478), (628, 440), (660, 330)),
        9,
        lighter(look.accent, 0.5),
    )
    canvas.stroke(curve((402, 540), (396, 640), (436, 776)), 9, lighter(look.accent, 0.5))
    canvas.stroke(curve((598, 540), (604, 640), (564, 776)), 9, lighter(look.accent, 0.5))
    for x in (238, 762):
        canvas.fill(box(x - 34, 700, x + 34, 764, 12), look.brand.ink)
    canvas.stroke(arc((500, 560), 34, 34, 0, 360), 15, STEEL)
    canvas.fill(box(446, 634, 554, 716, 16), lighter(look.brand.base, 0.15))
    emblem(canvas, look, 500, 675, 0.58)


def coat(canvas: Canvas, look: Look) -> None:
    """A dog in a coat; ``knit`` has stripes, ``vest`` a lifting handle."""
    canvas.shadow(510, 836, 330, 38)
    _wearer(canvas, mix((214, 178, 136), look.accent, 0.10))
    body = path(
        "M 340 400 C 400 430 440 430 500 430 C 620 426 720 430 790 470 C 822 500 826 560 812 640 "
        "C 760 690 660 660 560 676 C 480 690 400 700 356 660 C 316 600 300 470 340 400 Z"
    )
    canvas.fill(body, look.accent)
    with canvas.inside(body):
        if look.form == "knit":
            for y in range(380, 720, 84):
                stripe = (
                    f"M 280 {y} Q 560 {y + 50} 850 {y + 10} L 850 {y + 42} Q 560 "
                    f"{y + 82} 280 {y + 32} Z"
                )
                canvas.fill(path(stripe), lighter(look.accent, 0.55))
        else:
            canvas.fill(
                path("M 280 560 Q 560 600 860 540 L 860 580 Q 560 640 280 600 Z"), look.brand.second
            )
        canvas.fill(path("M 280 640 Q 560 670 860 600 L 860 800 L 280 800 Z"), SHADE)
    canvas.fill(
        path("M 316 420 C 340 380 420 380 450 424 L 426 486 C 396 450 352 450 330 490 Z"),
        darker(look.accent, 0.2),
    )
    if look.form == "vest":
        canvas.stroke(curve((540, 432), (560, 366), (680, 366), (700, 438)), 26, look.brand.ink)
    emblem(canvas, Look(look.brand, look.accent, "", "", ""), 690, 500, 0.5)


def _wearer(canvas: Canvas, tone: Colour) -> None:
    far = darker(tone, 0.16)
    for x in (420, 690):
        canvas.fill(box(x, 600, x + 66, 836, 30), far)
    canvas.stroke(curve((780, 500), (850, 440), (866, 340)), 40, tone)
    canvas.fill(
        smooth((340, 440), (560, 440), (780, 470), (800, 640), (560, 660), (370, 680), (320, 560)),
        tone,
    )
    for x in (350, 740):
        canvas.fill(box(x, 560, x + 72, 840, 32), tone)
    canvas.fill(
        path("M 330 470 C 330 380 360 300 420 270 L 500 340 C 490 420 470 470 440 520 Z"), tone
    )
    canvas.fill(
        smooth(
            (300, 240),
            (420, 190),
            (496, 260),
            (480, 370),
            (390, 400),
            (250, 390),
            (178, 360),
            (186, 310),
        ),
        tone,
    )
    canvas.fill(
        path(
            "M 420 210 C 490 200 540 280 526 390 C 500 420 456 400 450 350 "
            "C 446 300 420 270 420 210 Z"
        ),
        darker(tone, 0.3),
    )
    canvas.fill(ellipse(190, 322, 25, 21), INK)
    canvas.fill(ellipse(330, 282, 14, 16), INK)
    canvas.stroke(curve((206, 372), (250, 378), (296, 362)), 7, darker(tone, 0.4))


def bags(canvas: Canvas, look: Look) -> None:
    """Waste bags: a dispenser and two rolls."""
    canvas.shadow(500, 826, 340, 42)
    for x, tone in ((310, look.accent), (690, lighter(look.accent, 0.2))):
        canvas.fill(
            path(f"M {x - 84} 660 L {x - 84} 800 Q {x} 846 {x + 84} 800 L {x + 84} 660 Z"), tone
        )
        canvas.fill(box(x + 40, 660, x + 84, 808), SHADE)
        canvas.fill(ellipse(x, 660, 84, 30), lighter(tone, 0.4))
        canvas.fill(ellipse(x, 660, 30, 11), darker(tone, 0.4))
    capsule = box(380, 300, 620, 812, 118)
    canvas.fill(capsule, look.brand.base)
    with canvas.inside(capsule):
        canvas.fill(box(560, 280, 640, 830), SHADE)
        canvas.fill(box(406, 300, 424, 800), GLOSS)
    canvas.fill(box(380, 540, 620, 552), alpha(INK, 0.25))
    canvas.fill(path("M 470 600 L 530 600 L 546 700 L 500 676 L 454 700 Z"), look.accent)
    canvas.stroke(arc((500, 262), 40, 46, 0, 360), 16, STEEL)
    emblem(canvas, look, 500, 430, 1.1)


def tag(canvas: Canvas, look: Look) -> None:
    """An engraved name tag."""
    canvas.shadow(500, 826, 220, 38)
    canvas.stroke(arc((500, 286), 74, 74, 0, 360), 20, STEEL)
    canvas.fill(ellipse(500, 590, 226), darker(look.accent, 0.16))
    canvas.fill(ellipse(492, 582, 220), look.accent)
    canvas.stroke(arc((492, 582), 186, 186, 0, 360), 8, lighter(look.accent, 0.5))
    canvas.fill(ellipse(500, 390, 26), mix((246, 241, 232), look.accent, 0.16))
    animal(canvas, look, 492, 560, 1.75)
    canvas.fill(box(400, 692, 584, 710, 9), lighter(look.accent, 0.6))


def clicker(canvas: Canvas, look: Look) -> None:
    """A training clicker on a wrist coil."""
    canvas.shadow(500, 812, 280, 40)
    for index in range(7):
        canvas.stroke(
            arc((380 + index * 40, 290), 34, 62, 0, 360),
            14,
            darker(look.accent, 0.06 * (index % 2)),
        )
    body = box(330, 380, 670, 800, 120)
    canvas.fill(body, look.brand.base)
    with canvas.inside(body):
        canvas.fill(box(590, 370, 700, 820), SHADE)
    canvas.fill(ellipse(500, 560, 112), darker(look.accent, 0.2))
    canvas.fill(ellipse(500, 550, 112), look.accent)
    canvas.fill(ellipse(466, 512, 34, 24), GLOSS)
    canvas.fill(box(440, 716, 560, 730, 7), alpha(CREAM, 0.6))


def bells(canvas: Canvas, look: Look) -> None:
    """Bells on a strap, for the door."""
    canvas.shadow(500, 860, 200, 32)
    canvas.stroke(arc((500, 200), 70, 74, 0, 360), 40, darker(look.accent, 0.16))
    canvas.fill(box(452, 260, 548, 800, 20), look.accent)
    canvas.fill(box(520, 260, 548, 800, 14), SHADE)
    for x, y in ((410, 430), (590, 500), (410, 590), (590, 660), (500, 800)):
        canvas.fill(ellipse(x, y, 60), _BRASS)
        canvas.fill(ellipse(x - 18, y - 20, 14), lighter(_BRASS, 0.7))
        canvas.fill(box(x - 44, y + 2, x + 44, y + 12, 5), darker(_BRASS, 0.4))
        canvas.fill(ellipse(x, y + 30, 10), darker(_BRASS, 0.5))
    emblem(canvas, Look(look.brand, look.accent, "", "", ""), 500, 330, 0.5)
