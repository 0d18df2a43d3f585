"""Packs: bags, cans, pouches, boxes, jars, bottles."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, ellipse, path
from kibble.runtime.demo.pictures.look import GLOSS, SHADE, Look, emblem, flavour, label, name
from kibble.runtime.demo.pictures.palette import CREAM, STEEL, alpha, darker, lighter, mix

_BAG_SIZES = {"small": 0.82, "large": 1.08}


def bag(canvas: Canvas, look: Look) -> None:
    """A standing bag of dry food."""
    scale = _BAG_SIZES.get(look.form, 0.95)
    canvas.shadow(500, 842, 330 * scale, 46)
    with canvas.at(500 - 500 * scale, 840 - 840 * scale, scale):
        _bag_body(canvas, look)
        emblem(canvas, look, 500, 286, 0.72)
        name(canvas, 500, 338, 190, look.on_base)
        label(canvas, look, 500, 525, 128)
        flavour(canvas, look, 500, 762, 1.02)


def _bag_body(canvas: Canvas, look: Look) -> None:
    body = path(
        "M 280 210 C 268 420 262 660 276 828 Q 278 840 292 840 L 708 "
        "840 Q 722 840 724 828 C 738 660 732 420 720 210 Z"
    )
    base = look.brand.base
    canvas.fill(body, base)
    with canvas.inside(body):
        canvas.fill(path("M 240 690 Q 500 640 760 690 L 760 860 L 240 860 Z"), look.accent)
        canvas.fill(
            path("M 240 676 Q 500 626 760 676 L 760 690 Q 500 640 240 690 Z"),
            lighter(look.accent, 0.55),
        )
        canvas.fill(path("M 650 200 C 684 420 684 660 660 860 L 760 860 L 760 200 Z"), SHADE)
        canvas.fill(
            path("M 318 200 C 304 420 300 660 312 860 L 340 860 C 328 660 332 420 344 200 Z"), GLOSS
        )
    canvas.fill(box(274, 158, 726, 222, 8), darker(base, 0.12))
    canvas.fill(box(274, 158, 726, 172, 6), lighter(base, 0.3))
    for x in range(300, 720, 25):
        canvas.fill(box(x, 180, x + 5, 212, 2), alpha(lighter(base, 0.5), 0.5))


def seed_bag(canvas: Canvas, look: Look) -> None:
    """A see-through bag of seed or pellets."""
    canvas.shadow(500, 842, 300, 44)
    body = path(
        "M 310 250 C 290 420 280 680 300 826 Q 304 840 320 840 L 680 "
        "840 Q 696 840 700 826 C 720 680 710 420 690 250 Z"
    )
    canvas.fill(body, mix(CREAM, look.accent, 0.45))
    with canvas.inside(body):
        _grains(canvas, look)
        canvas.fill(path("M 630 240 C 664 420 664 660 640 860 L 740 860 L 740 240 Z"), SHADE)
        canvas.fill(
            path("M 336 240 C 318 420 312 660 324 860 L 348 860 C 338 660 344 420 360 240 Z"), GLOSS
        )
    header = path(
        "M 300 176 Q 300 164 312 164 L 688 164 Q 700 164 700 176 L 700 338 Q 500 372 300 338 Z"
    )
    canvas.fill(header, look.brand.base)
    with canvas.inside(header):
        canvas.fill(box(640, 150, 720, 380), SHADE)
    emblem(canvas, look, 500, 238, 0.74)
    name(canvas, 500, 292, 180, look.on_base)
    label(canvas, look, 500, 580, 124)


def _grains(canvas: Canvas, look: Look) -> None:
    tones = (darker(look.accent, 0.22), look.accent, lighter(look.accent, 0.5), look.brand.base)
    for row in range(19):
        for column in range(14):
            tone = tones[(row * 5 + column * 3 + row * column) % 4]
            x = 284 + column * 34 + (row % 2) * 17
            y = 360 + row * 26 + (column * 7 % 5) * 3
            canvas.fill(ellipse(x, y, 12, 8), tone)


def can(canvas: Canvas, look: Look) -> None:
    """A can of wet food; ``flat`` is a low one, ``stack`` two on each other."""
    if look.form == "stack":
        canvas.shadow(500, 842, 290, 44)
        with canvas.at(0, 20):
            _flat_can(canvas, look, 660, 820)
            _flat_can(canvas, look, 470, 630)
    elif look.form == "flat":
        canvas.shadow(500, 812, 330, 50)
        with canvas.at(500 - 500 * 1.18, 800 - 820 * 1.18, 1.18):
            _flat_can(canvas, look, 600, 820)
    else:
        canvas.shadow(500, 842, 280, 46)
        _tall_can(canvas, look)


def _tin(canvas: Canvas, look: Look, top: float, bottom: float, half: float) -> None:
    left, right, bow = 500 - half, 500 + half, half * 0.17
    side = path(
        f"M {left} {top} L {left} {bottom} Q 500 {bottom + 2 * bow} {right} "
        f"{bottom} L {right} {top} Z"
    )
    canvas.fill(side, STEEL)
    wrap = path(
        f"M {left} {top + 26} Q 500 {top + 26 + 2 * bow} {right} {top + 26} "
        f"L {right} {bottom - 18} "
        f"Q 500 {bottom - 18 + 2 * bow} {left} {bottom - 18} Z"
    )
    canvas.fill(wrap, look.brand.base)
    with canvas.inside(wrap):
        band = bottom - (bottom - top) * 0.26
        canvas.fill(
            path(
                f"M {left} {band} Q 500 {band + 2 * bow} {right} {band} L {right} "
                f"{bottom + 90} L {left} {bottom + 90} Z"
            ),
            look.accent,
        )
    with canvas.inside(side):
        canvas.fill(box(right - half * 0.32, top, right, bottom + 90), SHADE)
        canvas.fill(box(left + half * 0.14, top, left + half * 0.26, bottom + 90), GLOSS)
    canvas.fill(ellipse(500, top, half, bow * 1.15), darker(STEEL, 0.1))
    canvas.fill(ellipse(500, top - 5, half, bow * 1.15), lighter(STEEL, 0.55))
    canvas.fill(ellipse(500, top - 3, half * 0.86, bow * 0.92), lighter(STEEL, 0.2))
    canvas.fill(ellipse(500, top + 3, half * 0.2, bow * 0.3), darker(STEEL, 0.16))
    canvas.fill(ellipse(500, top, half * 0.2, bow * 0.3), lighter(STEEL, 0.6))


def _tall_can(canvas: Canvas, look: Look) -> None:
    _tin(canvas, look, 250, 790, 228)
    name(canvas, 500, 372, 170, look.on_base)
    label(canvas, look, 500, 540, 116)
    flavour(canvas, look, 500, 755, 0.82)


def _flat_can(canvas: Canvas, look: Look, top: float, bottom: float) -> None:
    _tin(canvas, look, top, bottom - 40, 230)
    middle = (top + bottom) / 2 + 28
    label(canvas, look, 500, middle, (bottom - top) * 0.32)
    flavour(canvas, look, 360, middle + 8, (bottom - top) / 360)
    flavour(canvas, look, 640, middle + 8, (bottom - top) / 360)


def pouch(canvas: Canvas, look: Look) -> None:
    """A stand-up pouch of treats or wet food, with a tear notch and a round window."""
    canvas.shadow(500, 842, 280, 42)
    body = path(
        "M 322 218 C 316 420 296 640 286 800 Q 286 838 330 838 Q 500 "
        "856 670 838 Q 714 838 714 800 C 704 640 684 420 678 218 Z"
    )
    base = look.brand.base
    canvas.fill(body, base)
    with canvas.inside(body):
        canvas.fill(
            path("M 260 650 Q 420 600 560 660 Q 660 700 740 650 L 740 860 L 260 860 Z"), look.accent
        )
        canvas.fill(path("M 620 200 C 634 420 654 660 640 860 L 740 860 L 740 200 Z"), SHADE)
        canvas.fill(
            path("M 352 240 C 346 420 330 640 322 820 L 344 820 C 354 640 368 420 372 240 Z"), GLOSS
        )
    canvas.fill(path("M 318 176 L 682 176 L 680 240 L 320 240 Z"), darker(base, 0.12))
    canvas.fill(ellipse(500, 206, 22, 13), mix(base, (246, 241, 232), 0.86))
    canvas.fill(box(320, 250, 680, 257, 3), alpha(lighter(base, 0.6), 0.55))
    name(canvas, 500, 296, 180, look.on_base)
    label(canvas, look, 500, 480, 126)
    flavour(canvas, look, 500, 755, 0.95)


def tray(canvas: Canvas, look: Look) -> None:
    """A shallow peel-top cup."""
    canvas.shadow(500, 800, 350, 50)
    canvas.fill(
        path("M 236 560 L 300 790 Q 304 804 320 804 L 680 804 Q 696 804 700 790 L 764 560 Z"),
        mix(CREAM, look.accent, 0.3),
    )
    with canvas.inside(
        path("M 236 560 L 300 790 Q 304 804 320 804 L 680 804 Q 696 804 700 790 L 764 560 Z")
    ):
        canvas.fill(path("M 690 550 L 640 820 L 760 820 L 780 550 Z"), SHADE)
        canvas.fill(box(200, 560, 800, 610), alpha(darker(look.accent, 0.3), 0.3))
    lid = path(
        "M 500 300 C 690 300 800 400 800 480 C 800 560 690 600 500 600 "
        "C 310 600 200 560 200 480 C 200 400 310 300 500 300 Z"
    )
    canvas.fill(lid, look.brand.base)
    with canvas.inside(lid):
        canvas.fill(path("M 180 500 Q 500 590 820 500 L 820 640 L 180 640 Z"), look.accent)
    canvas.fill(path("M 770 416 Q 850 380 842 452 L 794 500 Z"), lighter(look.brand.base, 0.35))
    label(canvas, look, 500, 432, 92)
    flavour(canvas, look, 318, 452, 0.62)
    flavour(canvas, look, 682, 452, 0.62)


def box_pack(canvas: Canvas, look: Look) -> None:
    """A carton, in three-quarter view."""
    canvas.shadow(510, 842, 330, 46)
    base = look.brand.base
    canvas.fill(((300, 240), (640, 240), (640, 840), (300, 840)), base)
    canvas.fill(((640, 240), (730, 206), (730, 794), (640, 840)), darker(base, 0.2))
    canvas.fill(((300, 240), (390, 206), (730, 206), (640, 240)), lighter(base, 0.35))
    canvas.fill(((300, 690), (640, 690), (640, 840), (300, 840)), look.accent)
    canvas.fill(((640, 690), (730, 652), (730, 794), (640, 840)), darker(look.accent, 0.2))
    emblem(canvas, look, 470, 306, 0.6)
    name(canvas, 470, 352, 170, look.on_base)
    label(canvas, look, 470, 532, 112)
    flavour(canvas, look, 470, 765, 0.85)


def jar(canvas: Canvas, look: Look) -> None:
    """A clear jar with a screw lid, full of treats."""
    canvas.shadow(500, 842, 270, 44)
    body = path(
        "M 320 330 Q 286 350 286 400 L 286 790 Q 286 836 336 836 L 664 "
        "836 Q 714 836 714 790 L 714 400 Q 714 350 680 330 Z"
    )
    canvas.fill(body, mix(CREAM, look.accent, 0.28))
    with canvas.inside(body):
        for index in range(42):
            x, y = 300 + index % 6 * 80 + (index // 6 % 2) * 34, 400 + index // 6 * 66
            canvas.fill(
                box(x - 34, y - 18, x + 34, y + 18, 16),
                (look.accent, darker(look.accent, 0.14), lighter(look.accent, 0.3))[index * 7 % 3],
            )
        canvas.fill(box(640, 300, 720, 860), SHADE)
        canvas.fill(box(310, 300, 334, 860), alpha((255, 255, 255), 0.3))
    canvas.fill(box(318, 218, 682, 322, 18), look.brand.base)
    for x in range(336, 680, 24):
        canvas.fill(box(x, 232, x + 7, 310, 3), alpha(darker(look.brand.base, 0.4), 0.3))
    canvas.fill(box(312, 318, 688, 338, 8), darker(look.brand.base, 0.2))
    canvas.fill(box(286, 470, 714, 730), look.brand.base)
    canvas.fill(box(640, 470, 714, 730), SHADE)
    label(canvas, look, 500, 600, 104)


def tub(canvas: Canvas, look: Look) -> None:
    """A round tub with a lid."""
    canvas.shadow(500, 832, 300, 46)
    body = path(
        "M 276 420 L 306 800 Q 310 828 344 832 Q 500 850 656 832 Q 690 828 694 800 L 724 420 Z"
    )
    canvas.fill(body, look.brand.base)
    with canvas.inside(body):
        canvas.fill(path("M 250 720 Q 500 770 750 720 L 750 860 L 250 860 Z"), look.accent)
        canvas.fill(path("M 664 400 L 630 860 L 760 860 L 760 400 Z"), SHADE)
        canvas.fill(path("M 312 400 L 340 860 L 366 860 L 342 400 Z"), GLOSS)
    canvas.fill(path("M 256 350 L 744 350 L 738 424 Q 500 452 262 424 Z"), look.accent)
    canvas.fill(ellipse(500, 350, 244, 44), lighter(look.accent, 0.35))
    canvas.fill(ellipse(500, 347, 206, 33), lighter(look.accent, 0.15))
    label(canvas, look, 500, 596, 112)
    flavour(canvas, look, 500, 790, 0.5)


_KRAFT = (208, 168, 120)


def bundle(canvas: Canvas, look: Look) -> None:
    """An open box with several things in it."""
    canvas.shadow(500, 842, 370, 48)
    canvas.fill(path("M 200 500 L 260 430 L 740 430 L 800 500 Z"), darker(_KRAFT, 0.36))
    with canvas.at(150, 118, 0.46):
        _bag_body(canvas, look)
        emblem(canvas, look, 500, 330, 1.1)
    with canvas.at(560, 470, 1, 9):
        canvas.fill(box(-46, -270, 46, -210, 14), look.accent)
        canvas.fill(box(-82, -214, 82, 120, 44), lighter(look.brand.second, 0.1))
        canvas.fill(box(-82, -100, 82, -20), look.brand.base)
    canvas.fill(ellipse(706, 430, 84), look.accent)
    canvas.stroke(arc((640, 400), 92, 92, -20, 70), 14, lighter(look.accent, 0.6))
    canvas.fill(box(200, 490, 800, 840, 10), _KRAFT)
    canvas.fill(box(710, 490, 800, 840, 8), SHADE)
    canvas.fill(path("M 200 490 L 140 560 L 440 560 L 470 490 Z"), lighter(_KRAFT, 0.25))
    canvas.fill(path("M 800 490 L 860 560 L 560 560 L 530 490 Z"), lighter(_KRAFT, 0.18))
    label(canvas, look, 500, 706, 106)
