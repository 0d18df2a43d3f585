"""Things for cats' rooms: posts, trees, scratchers, perches, litter."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, path, smooth
from kibble.runtime.demo.pictures.look import GLOSS, SHADE, Look, emblem, flavour, label, name
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    GLASS,
    INK,
    WOOD,
    alpha,
    darker,
    lighter,
    mix,
)

_SISAL = (214, 180, 132)
_CARD = (204, 164, 116)


def _sisal(canvas: Canvas, x: float, top: float, bottom: float, half: float) -> None:
    canvas.fill(box(x - half, top, x + half, bottom), _SISAL)
    for y in range(round(top) + 14, round(bottom), 24):
        canvas.stroke(((x - half, y + 5), (x + half, y - 5)), 6, darker(_SISAL, 0.16))
    canvas.fill(box(x + half * 0.35, top, x + half, bottom), SHADE)


def post(canvas: Canvas, look: Look) -> None:
    """A scratching post."""
    canvas.shadow(500, 836, 300, 44)
    canvas.fill(box(250, 776, 750, 836, 24), darker(look.accent, 0.14))
    canvas.fill(box(250, 756, 750, 806, 24), look.accent)
    _sisal(canvas, 500, 280, 764, 74)
    canvas.fill(box(390, 214, 610, 292, 34), look.accent)
    canvas.fill(box(390, 262, 610, 292, 15), SHADE)
    canvas.stroke(((590, 290), (620, 430)), 5, INK)
    canvas.fill(ellipse(622, 452, 34), look.brand.base)
    canvas.fill(ellipse(612, 442, 9), GLOSS)


def tree(canvas: Canvas, look: Look) -> None:
    """A cat tree; ``small`` has fewer floors."""
    canvas.shadow(500, 850, 380, 44)
    tone, soft = look.accent, lighter(look.accent, 0.35)
    canvas.fill(box(200, 800, 800, 850, 18), darker(tone, 0.2))
    if look.form != "small":
        _sisal(canvas, 630, 250, 470, 34)
        canvas.fill(ellipse(630, 230, 150, 40), darker(tone, 0.12))
        canvas.fill(path("M 480 200 L 780 200 Q 780 262 630 262 Q 480 262 480 200 Z"), tone)
        canvas.fill(ellipse(630, 200, 150, 36), soft)
    _sisal(canvas, 340, 440, 800, 36)
    _sisal(canvas, 690, 520, 800, 36)
    canvas.fill(box(240, 470 - 50, 480, 470, 18), tone)
    canvas.fill(box(240, 412, 480, 438, 13), soft)
    canvas.fill(box(500, 470, 790, 520, 18), tone)
    canvas.fill(box(500, 462, 790, 488, 13), soft)
    canvas.fill(box(420, 600, 660, 802, 20), darker(tone, 0.05))
    canvas.fill(box(410, 580, 670, 622, 16), soft)
    canvas.fill(ellipse(540, 716, 70), mix(INK, tone, 0.25))
    canvas.stroke(((270, 470), (262, 560)), 5, INK)
    canvas.fill(ellipse(262, 580, 26), look.brand.base)


def scratcher(canvas: Canvas, look: Look) -> None:
    """A cardboard scratcher in a wave; ``hanging`` is a strip for the door."""
    if look.form == "hanging":
        _strip(canvas, look)
        return
    canvas.shadow(500, 800, 420, 48)
    side = path(
        "M 110 560 C 200 480 300 520 400 600 C 520 690 640 660 720 560 "
        "C 780 490 860 500 890 560 L 890 790 L 110 790 Z"
    )
    canvas.fill(side, look.brand.base)
    with canvas.inside(side):
        canvas.fill(box(100, 740, 900, 800), SHADE)
    top = path(
        "M 110 560 C 200 480 300 520 400 600 C 520 690 640 660 720 560 "
        "C 780 490 860 500 890 560 L 850 470 C 820 420 750 410 690 480 "
        "C 620 566 520 590 420 510 C 330 440 230 400 150 470 Z"
    )
    canvas.fill(top, _CARD)
    with canvas.inside(top):
        for x in range(60, 940, 22):
            canvas.stroke(((x, 700), (x + 70, 400)), 6, darker(_CARD, 0.2))
    emblem(canvas, look, 250, 670, 0.9)


def _strip(canvas: Canvas, look: Look) -> None:
    canvas.shadow(500, 860, 200, 32)
    canvas.stroke(arc((500, 230), 60, 70, 180, 360), 22, look.brand.base)
    canvas.fill(box(380, 226, 620, 850, 40), look.accent)
    _sisal(canvas, 500, 262, 814, 92)
    canvas.fill(box(408, 700, 592, 780), look.brand.base)
    emblem(canvas, look, 500, 740, 0.6)


def window_perch(canvas: Canvas, look: Look) -> None:
    """A bed that hangs in a window."""
    canvas.fill(box(210, 170, 790, 720, 16), lighter(WOOD, 0.5))
    canvas.fill(box(244, 204, 756, 700, 6), GLASS)
    canvas.fill(ellipse(640, 330, 56), (250, 220, 140))
    with canvas.inside(box(244, 204, 756, 700, 6)):
        canvas.fill(
            smooth((200, 620), (380, 540), (560, 600), (800, 530), (820, 760), (180, 760)),
            (176, 204, 160),
        )
    canvas.fill(box(490, 204, 510, 700), lighter(WOOD, 0.5))
    for x in (300, 700):
        canvas.stroke(((x, 330), (x + (500 - x) * -0.3, 640)), 8, INK)
        canvas.fill(ellipse(x, 326, 30), alpha(INK, 0.3))
    canvas.shadow(500, 830, 330, 34)
    canvas.fill(
        path("M 180 640 Q 500 600 820 640 Q 820 770 500 790 Q 180 770 180 640 Z"), look.accent
    )
    canvas.fill(ellipse(500, 640, 320, 52), lighter(look.accent, 0.4))
    canvas.fill(ellipse(500, 652, 270, 36), darker(look.accent, 0.1))


def litter(canvas: Canvas, look: Look) -> None:
    """A carton or jug of litter with a handle."""
    canvas.shadow(500, 838, 320, 48)
    body = path(
        "M 286 330 Q 290 250 360 240 L 640 240 Q 710 250 714 330 L 724 "
        "800 Q 724 838 684 838 L 316 838 Q 276 838 276 800 Z"
    )
    canvas.fill(body, look.brand.base)
    with canvas.inside(body):
        canvas.fill(path("M 260 700 C 400 640 480 740 740 670 L 740 860 L 260 860 Z"), look.accent)
        canvas.fill(box(650, 220, 740, 860), SHADE)
        canvas.fill(box(306, 220, 328, 860), GLOSS)
    canvas.fill(
        path(
            "M 380 246 Q 386 160 440 160 L 560 160 Q 614 160 620 246 L 572 "
            "246 Q 568 206 540 206 L 460 206 Q 432 206 428 246 Z"
        ),
        look.brand.second,
    )
    name(canvas, 500, 300, 210, look.on_base)
    label(canvas, look, 500, 500, 124)
    flavour(canvas, look, 500, 768, 0.8)
    for x in range(330, 690, 60):
        canvas.fill(ellipse(x, 806 - (x // 60 % 2) * 14, 9), alpha(CREAM, 0.7))


def litter_box(canvas: Canvas, look: Look) -> None:
    """A litter box; ``hood`` has a cover."""
    canvas.shadow(500, 816, 400, 50)
    if look.form == "hood":
        hood = path("M 176 620 L 210 350 Q 222 270 310 270 L 690 270 Q 778 270 790 350 L 824 620 Z")
        canvas.fill(hood, lighter(look.accent, 0.12))
        with canvas.inside(hood):
            canvas.fill(path("M 700 260 L 740 640 L 850 640 L 830 260 Z"), SHADE)
        canvas.stroke(
            curve((420, 270), (440, 226), (560, 226), (580, 270)), 24, darker(look.accent, 0.2)
        )
        canvas.fill(
            path("M 350 620 L 350 480 Q 360 370 500 370 Q 640 370 650 480 L 650 620 Z"),
            mix(INK, look.accent, 0.3),
        )
        canvas.fill(
            path("M 374 620 L 374 490 Q 384 394 500 394 Q 616 394 626 490 L 626 620 Z"),
            alpha(GLASS, 0.5),
        )
    else:
        canvas.fill(ellipse(500, 610, 330, 74), darker(look.accent, 0.3))
        canvas.fill(ellipse(500, 630, 310, 60), (226, 212, 186))
        for index in range(46):
            canvas.fill(
                ellipse(240 + index * 53 % 520, 606 + index * 29 % 54, 9, 6),
                ((206, 188, 156), (240, 230, 208))[index % 2],
            )
    tray = path(
        "M 156 600 L 844 600 Q 856 600 852 624 L 816 776 Q 808 816 766 "
        "816 L 234 816 Q 192 816 184 776 L 148 624 Q 144 600 156 600 "
        "Z"
    )
    if look.form != "hood":
        tray = path(
            "M 150 600 Q 500 720 850 600 L 816 776 Q 808 816 766 816 L 234 816 Q 192 816 184 776 Z"
        )
    canvas.fill(tray, look.accent)
    with canvas.inside(tray):
        canvas.fill(path("M 740 580 L 710 830 L 880 830 L 880 580 Z"), SHADE)
        canvas.fill(box(140, 776, 860, 830), SHADE)


def scoop(canvas: Canvas, look: Look) -> None:
    """A litter scoop."""
    canvas.shadow(470, 810, 300, 40)
    with canvas.at(500, 520, 1, 35):
        canvas.fill(box(-34, -380, 34, -40, 32), look.brand.base)
        canvas.fill(ellipse(0, -336, 15), mix((246, 241, 232), look.accent, 0.16))
        canvas.fill(
            path(
                "M -150 -40 L 150 -40 Q 176 -40 176 -10 L 150 270 Q 140 300 "
                "110 300 L -110 300 Q -140 300 -150 270 L -176 -10 Q -176 -40 "
                "-150 -40 Z"
            ),
            look.accent,
        )
        for x in (-100, -50, 0, 50, 100):
            canvas.fill(box(x - 11, 30, x + 11, 250, 11), darker(look.accent, 0.34))
        canvas.fill(box(-160, -40, 160, -14, 12), lighter(look.accent, 0.35))
