"""Things for small pets."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, path, smooth
from kibble.runtime.demo.pictures.look import SHADE, Look, animal, emblem, label, name
from kibble.runtime.demo.pictures.motifs import MOTIFS
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    GLASS,
    INK,
    LEAF,
    PAPER,
    STEEL,
    WATER,
    WOOD,
    alpha,
    darker,
    lighter,
    mix,
)

_STRAW = (226, 198, 128)


def habitat(canvas: Canvas, look: Look) -> None:
    """A barred home with a deep tray."""
    canvas.shadow(500, 850, 330, 42)
    canvas.fill(box(140, 330, 860, 720, 14), alpha(CREAM, 0.7))
    canvas.fill(path("M 150 700 Q 320 610 500 664 Q 700 620 850 700 L 850 740 L 150 740 Z"), _STRAW)
    canvas.fill(box(560, 480, 790, 500, 8), look.accent)
    canvas.fill(path("M 560 500 L 610 500 L 500 690 L 450 690 Z"), lighter(WOOD, 0.1))
    animal(canvas, look, 310, 590, 1.9)
    for x in range(140, 870, 45):
        canvas.stroke(((x, 330), (x, 710)), 6, look.brand.ink)
    for y in (330, 460):
        canvas.stroke(((140, y), (860, y)), 12, look.brand.ink)
    tray = path("M 110 690 L 890 690 L 860 826 Q 856 846 830 846 L 170 846 Q 144 846 140 826 Z")
    canvas.fill(tray, look.brand.base)
    with canvas.inside(tray):
        canvas.fill(box(100, 800, 900, 850), SHADE)
    emblem(canvas, look, 500, 768, 0.72)


def hay(canvas: Canvas, look: Look) -> None:
    """A bale of hay with a paper band; ``rack`` is a feeder, ``cubes`` pressed."""
    canvas.shadow(500, 826, 390, 50)
    bale = box(150, 380, 850, 820, 70)
    tone = mix(look.accent, _STRAW, 0.4)
    for index in range(46):
        x = 130 + index * 97 % 740
        y = 350 + index * 61 % 490
        canvas.stroke(
            curve((x, y), (x + 40, y - 26), (x + 96, y - 20 - index % 5 * 8)),
            9,
            (tone, darker(tone, 0.2), lighter(tone, 0.3))[index % 3],
        )
    canvas.fill(bale, tone)
    with canvas.inside(bale):
        for index in range(130):
            x, y = 110 + index * 113 % 760, 390 + index * 71 % 440
            canvas.stroke(
                curve((x, y), (x + 46, y - 14 + index % 4 * 8), (x + 110, y - 6)),
                9,
                (lighter(tone, 0.28), darker(tone, 0.18), darker(tone, 0.3), LEAF)[index * 7 % 4],
            )
        canvas.fill(box(140, 730, 860, 830), SHADE)
    canvas.fill(box(350, 366, 650, 830, 8), look.brand.base)
    emblem(canvas, look, 500, 436, 0.7)
    label(canvas, look, 500, 600, 104)
    name(canvas, 500, 738, 170, look.on_base)


def hide(canvas: Canvas, look: Look) -> None:
    """A small wooden house; ``igloo`` is round."""
    canvas.shadow(500, 830, 380, 48)
    if look.form == "igloo":
        dome = path("M 170 820 C 150 500 300 330 500 330 C 700 330 850 500 830 820 Z")
        canvas.fill(dome, look.accent)
        with canvas.inside(dome):
            canvas.fill(path("M 640 300 C 780 460 780 700 730 840 L 880 840 L 880 300 Z"), SHADE)
            for y in (470, 600, 730):
                canvas.stroke(
                    curve((150, y + 16), (500, y - 26), (850, y + 16)), 8, alpha(CREAM, 0.4)
                )
    else:
        canvas.fill(box(230, 470, 770, 826, 8), lighter(WOOD, 0.15))
        for y in (560, 650, 740):
            canvas.stroke(((236, y), (764, y)), 6, darker(WOOD, 0.12))
        canvas.fill(box(680, 470, 770, 826), SHADE)
        canvas.fill(path("M 160 490 L 300 320 L 700 320 L 840 490 Z"), look.brand.base)
        for y in (364, 410, 456):
            canvas.stroke(
                ((320 - (y - 320) * 0.8, y), (680 + (y - 320) * 0.8, y)),
                6,
                darker(look.brand.base, 0.2),
            )
    door: tuple[tuple[float, float], ...] = (
        *arc((500, 700), 112, 112, 180, 360),
        (612, 830),
        (388, 830),
    )
    canvas.fill(door, mix(INK, WOOD, 0.22))
    with canvas.inside(door), canvas.at(500, 752, 1.9):
        MOTIFS[look.motif or "hamster"](
            canvas, darker(look.brand.ink, 0.1), lighter(look.accent, 0.5)
        )
    canvas.fill(
        path("M 200 830 Q 340 790 500 826 Q 640 796 800 830 Q 640 856 500 850 Q 330 856 200 830 Z"),
        _STRAW,
    )


def wheel(canvas: Canvas, look: Look) -> None:
    """A running wheel."""
    canvas.shadow(500, 846, 290, 40)
    canvas.fill(
        path("M 470 500 L 530 500 L 680 840 L 610 840 L 500 580 L 390 840 L 320 840 Z"),
        darker(look.brand.base, 0.1),
    )
    canvas.fill(ellipse(500, 500, 300), darker(look.accent, 0.2))
    canvas.fill(ellipse(500, 500, 272), mix(PAPER, look.accent, 0.25))
    for angle in range(0, 360, 20):
        with canvas.at(500, 500, 1, angle):
            canvas.fill(box(-7, -296, 7, -262, 5), lighter(look.accent, 0.4))
    animal(canvas, look, 500, 650, 2.1)
    for angle in (30, 150, 270):
        with canvas.at(500, 500, 1, angle):
            canvas.fill(box(0, -12, 280, 12, 8), alpha(look.accent, 0.85))
    canvas.fill(ellipse(500, 500, 56), look.brand.base)
    canvas.fill(ellipse(500, 500, 22), lighter(look.brand.base, 0.5))
    canvas.fill(box(280, 820, 720, 850, 14), look.brand.base)


def water_bottle(canvas: Canvas, look: Look) -> None:
    """A bottle for the bars of a cage."""
    canvas.shadow(520, 856, 200, 32)
    body = path(
        "M 400 200 Q 400 170 430 170 L 570 170 Q 600 170 600 200 L 610 "
        "560 Q 610 610 570 630 L 430 630 Q 390 610 390 560 Z"
    )
    canvas.fill(body, mix(GLASS, CREAM, 0.35))
    with canvas.inside(body):
        canvas.fill(box(380, 310, 620, 640), WATER)
        canvas.fill(box(560, 160, 620, 640), SHADE)
    canvas.fill(box(420, 210, 436, 560, 8), alpha((255, 255, 255), 0.6))
    canvas.fill(box(396, 620, 604, 710, 22), look.accent)
    canvas.stroke(((500, 706), (520, 770), (600, 830)), 26, STEEL)
    canvas.fill(ellipse(604, 832, 14), darker(STEEL, 0.2))
    for y in (260, 520):
        canvas.stroke(((386, y), (614, y)), 12, look.brand.ink)
    animal(canvas, look, 500, 440, 1.1)


def block(canvas: Canvas, look: Look) -> None:
    """A pressed bale of bedding or substrate in wrap; ``brick`` is bare fibre."""
    canvas.shadow(510, 826, 390, 48)
    tone = look.accent if look.form == "brick" else look.brand.base
    canvas.fill(((160, 430), (720, 430), (720, 826), (160, 826)), tone)
    canvas.fill(((720, 430), (850, 350), (850, 730), (720, 826)), darker(tone, 0.2))
    canvas.fill(((160, 430), (300, 350), (850, 350), (720, 430)), lighter(tone, 0.25))
    if look.form == "brick":
        for index in range(70):
            x, y = 176 + index * 83 % 510, 446 + index * 47 % 360
            canvas.stroke(
                ((x, y), (x + 30, y + 9 - index % 3 * 9)),
                7,
                (darker(tone, 0.2), lighter(tone, 0.22))[index % 2],
            )
        canvas.fill(((330, 430), (550, 430), (550, 826), (330, 826)), look.brand.base)
    else:
        canvas.fill(((160, 740), (720, 740), (720, 826), (160, 826)), look.accent)
        canvas.fill(((720, 740), (850, 648), (850, 730), (720, 826)), darker(look.accent, 0.2))
    label(canvas, look, 440, 610, 106)
    if look.form != "brick":
        name(canvas, 440, 456, 170, look.on_base)


def dust(canvas: Canvas, look: Look) -> None:
    """A bath: a glass bowl of dust or water with its visitor."""
    canvas.shadow(500, 816, 360, 48)
    canvas.fill(ellipse(500, 500, 320, 90), lighter(GLASS, 0.4))
    animal(canvas, look, 500, 440, 2.6)
    bowl = smooth(
        (180, 500),
        (200, 680),
        (330, 800),
        (670, 800),
        (800, 680),
        (820, 500),
        (660, 560),
        (500, 576),
        (340, 560),
    )
    canvas.fill(bowl, mix(GLASS, look.brand.base, 0.18))
    with canvas.inside(bowl):
        canvas.fill(
            path("M 160 620 Q 340 590 500 640 Q 680 600 840 630 L 840 820 L 160 820 Z"), look.accent
        )
        canvas.fill(path("M 660 500 C 760 600 720 760 640 820 L 860 820 L 860 500 Z"), SHADE)
    canvas.stroke(curve((226, 580), (250, 680), (310, 744)), 16, alpha((255, 255, 255), 0.5))
