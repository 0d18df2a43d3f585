"""Aquariums and what stands in them."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, path, smooth
from kibble.runtime.demo.pictures.look import SHADE, Look
from kibble.runtime.demo.pictures.motifs import MOTIFS
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    GLASS,
    INK,
    LEAF,
    STEEL,
    WATER,
    WOOD,
    Colour,
    alpha,
    darker,
    lighter,
    mix,
)

_GRAVEL = (214, 190, 150)
_SHINE = alpha((255, 255, 255), 0.45)


def aquarium(canvas: Canvas, look: Look) -> None:
    """A planted tank: ``cube``, ``bowl``, ``stand`` or (else) a long one with a hood."""
    if look.form == "bowl":
        _bowl(canvas, look)
        return
    half, top, bottom = {"cube": (270, 300, 820), "stand": (330, 190, 560)}.get(
        look.form, (390, 320, 780)
    )
    canvas.shadow(500, 848 if look.form == "stand" else bottom + 10, half * 1.1, 46)
    if look.form == "stand":
        _stand(canvas, look, half)
    left, right = 500 - half, 500 + half
    glass = box(left, top, right, bottom, 14)
    canvas.fill(glass, mix(GLASS, WATER, 0.25))
    with canvas.inside(glass):
        _scene(canvas, look, (left, top, right, bottom))
    canvas.fill(box(left - 12, bottom - 16, right + 12, bottom + 12, 8), look.brand.ink)
    if look.form == "cube":
        canvas.fill(box(left + 60, top - 50, right - 60, top - 26, 12), look.brand.ink)
        canvas.stroke(
            ((right - 40, top + 30), (right - 40, top - 30), (right - 100, top - 38)),
            14,
            look.brand.ink,
        )
        canvas.fill(box(left - 4, top - 6, right + 4, top + 8, 6), lighter(STEEL, 0.3))
    else:
        canvas.fill(box(left - 12, top - 46, right + 12, top + 22, 14), look.brand.ink)
        canvas.fill(box(left + 40, top - 46, left + 190, top - 30, 8), look.accent)


def _scene(canvas: Canvas, look: Look, area: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = area
    width, height = right - left, bottom - top
    canvas.fill(box(left, top + height * 0.12, right, bottom), WATER)
    canvas.fill(
        path(
            f"M {left} {bottom - 90} Q {left + width * 0.4} {bottom - 40} "
            f"{right} {bottom - 110} L {right} {bottom} L {left} {bottom} "
            f"Z"
        ),
        _GRAVEL,
    )
    for index in range(30):
        canvas.fill(
            ellipse(left + index * 79 % width, bottom - 14 - index * 37 % 50, 10, 7),
            darker(_GRAVEL, 0.12 + index % 3 * 0.05),
        )
    weed(canvas, left + width * 0.15, bottom - 60, height * 0.62, LEAF)
    weed(canvas, left + width * 0.85, bottom - 80, height * 0.5, (86, 140, 112))
    stone = smooth(
        (left + width * 0.6, bottom - 130),
        (left + width * 0.72, bottom - 100),
        (left + width * 0.74, bottom - 40),
        (left + width * 0.5, bottom - 40),
        (left + width * 0.5, bottom - 96),
    )
    canvas.fill(stone, (144, 146, 146))
    scale = min(1.5, height / 320)
    _swimmer(canvas, left + width * 0.4, top + height * 0.42, scale, look.accent)
    _swimmer(
        canvas,
        left + width * 0.68,
        top + height * 0.3,
        scale * 0.7,
        look.brand.base if look.form == "cube" else (238, 150, 92),
    )
    for x, y, r in ((0.52, 0.5, 9), (0.55, 0.36, 7), (0.5, 0.24, 6)):
        canvas.stroke(arc((left + width * x, top + height * y), r, r, 0, 360), 4, _SHINE)
    canvas.fill(
        path(
            f"M {left + 30} {top} L {left + 90} {top} L {left + 30} {bottom} "
            f"L {left - 30} {bottom} Z"
        ),
        alpha((255, 255, 255), 0.22),
    )


def _swimmer(canvas: Canvas, x: float, y: float, scale: float, colour: Colour) -> None:
    with canvas.at(x, y, scale):
        MOTIFS["fish"](canvas, colour, CREAM)


def weed(canvas: Canvas, x: float, y: float, height: float, colour: Colour) -> None:
    """A tuft of water weed that grows from (x, y)."""
    for lean, share in ((-34, 0.8), (4, 1.0), (38, 0.7)):
        top = y - height * share
        blade = path(
            f"M {x - 10} {y} C {x - 30 + lean} {y - height * 0.3} {x + lean} "
            f"{top + 50} {x + lean * 1.4} {top} C {x + lean + 30} {top + 60} "
            f"{x + 24 + lean} {y - height * 0.3} {x + 14} {y} Z"
        )
        canvas.fill(blade, colour if lean > 0 else darker(colour, 0.16))


def _stand(canvas: Canvas, look: Look, half: float) -> None:
    left, right = 500 - half, 500 + half
    canvas.fill(box(left, 560, right, 846, 10), look.brand.base)
    canvas.fill(box(left - 16, 566, right + 16, 600, 8), darker(look.brand.base, 0.2))
    canvas.fill(box(left + 24, 620, 492, 824, 8), lighter(look.brand.base, 0.14))
    canvas.fill(box(508, 620, right - 24, 824, 8), lighter(look.brand.base, 0.14))
    for x in (474, 526):
        canvas.fill(ellipse(x, 716, 9), STEEL)


def _bowl(canvas: Canvas, look: Look) -> None:
    canvas.shadow(500, 824, 280, 44)
    glass = ellipse(500, 540, 300, 284)
    canvas.fill(glass, mix(GLASS, CREAM, 0.3))
    with canvas.inside(ellipse(500, 540, 288, 272)):
        _scene(canvas, look, (200, 330, 800, 830))
    canvas.fill(ellipse(500, 290, 176, 34), lighter(GLASS, 0.5))
    canvas.fill(ellipse(500, 293, 156, 25), mix(GLASS, WATER, 0.3))
    canvas.stroke(arc((500, 540), 250, 236, 190, 240), 20, _SHINE)


def ornament(canvas: Canvas, look: Look) -> None:
    """A tank ornament: ``wood``, ``plant``, ``stone`` or (else) a castle."""
    canvas.shadow(500, 826, 370, 50)
    {"wood": _wood, "plant": _plants, "stone": _stones}.get(look.form, _castle)(canvas, look)
    ground = path(
        "M 120 800 Q 300 760 500 790 Q 720 760 880 800 Q 860 850 500 852 Q 140 850 120 800 Z"
    )
    canvas.fill(ground, _GRAVEL)


def _wood(canvas: Canvas, look: Look) -> None:
    bark = darker(WOOD, 0.34)
    for line, width in (
        (((180, 800), (360, 690), (560, 560), (700, 330)), 96),
        (((500, 610), (420, 460), (300, 360), (230, 250)), 56),
        (((600, 520), (740, 500), (840, 420)), 44),
        (((420, 660), (640, 730), (820, 790)), 70),
    ):
        canvas.stroke(curve(*line), width, bark)
        canvas.stroke(curve(*[(x - 8, y - 10) for x, y in line]), width * 0.28, lighter(bark, 0.16))
    for x, y in ((330, 690), (470, 590), (590, 500)):
        canvas.fill(ellipse(x, y, 54, 30), look.accent)
        canvas.fill(ellipse(x - 10, y - 10, 32, 16), lighter(look.accent, 0.25))


def _plants(canvas: Canvas, look: Look) -> None:
    for x, height, tone in (
        (260, 380, darker(look.accent, 0.2)),
        (740, 420, darker(look.accent, 0.1)),
        (500, 600, look.accent),
        (390, 460, lighter(look.accent, 0.18)),
        (620, 360, lighter(look.accent, 0.28)),
    ):
        weed(canvas, x, 812, height, tone)
        weed(canvas, x + 24, 812, height * 0.7, lighter(tone, 0.08))


def _stones(canvas: Canvas, look: Look) -> None:
    for shape, share in (
        (smooth((420, 280), (560, 330), (620, 560), (600, 820), (330, 820), (320, 520)), 0.0),
        (smooth((680, 500), (800, 560), (840, 820), (560, 820), (580, 620)), 0.14),
        (smooth((270, 590), (390, 640), (420, 820), (150, 820), (180, 680)), 0.24),
    ):
        tone = lighter(look.accent, share)
        canvas.fill(shape, tone)
        with canvas.inside(shape):
            canvas.stroke(curve((300, 540), (480, 620), (860, 560)), 16, lighter(tone, 0.25))
            canvas.stroke(curve((140, 760), (480, 720), (860, 760)), 12, lighter(tone, 0.2))
            canvas.fill(path("M 560 260 L 520 840 L 900 840 L 900 260 Z"), SHADE)


def _castle(canvas: Canvas, look: Look) -> None:
    tone = look.accent
    for left, right, top in ((220, 380, 430), (620, 780, 380), (360, 640, 560)):
        canvas.fill(box(left, top, right, 820), tone if left != 360 else lighter(tone, 0.12))
        canvas.fill(box(right - 46, top, right, 820), SHADE)
        for x in range(left, right - 20, 54):
            canvas.fill(
                box(x, top - 40, x + 32, top + 4), tone if left != 360 else lighter(tone, 0.12)
            )
    canvas.fill(((206, 400), (300, 230), (394, 400)), look.brand.second)
    canvas.fill(((606, 350), (700, 170), (794, 350)), look.brand.second)
    canvas.fill((*arc((500, 720), 72, 72, 180, 360), (572, 830), (428, 830)), mix(INK, tone, 0.3))
    for x, y in ((300, 520), (700, 470), (700, 640)):
        canvas.fill(
            (*arc((x, y), 24, 24, 180, 360), (x + 24, y + 46), (x - 24, y + 46)),
            mix(INK, tone, 0.3),
        )
