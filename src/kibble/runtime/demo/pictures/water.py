"""Filters, heaters, lights and tools for aquariums."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import Shape, arc, box, curve, ellipse, path, smooth
from kibble.runtime.demo.pictures.look import GLOSS, SHADE, Look, emblem
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    GLASS,
    INK,
    LEAF,
    STEEL,
    WATER,
    Colour,
    alpha,
    darker,
    lighter,
    mix,
)
from kibble.runtime.demo.pictures.tanks import weed

_GRAVEL = (214, 190, 150)
_SHINE = alpha((255, 255, 255), 0.45)


def filter_(canvas: Canvas, look: Look) -> None:
    """A filter: ``sponge``, ``canister``, ``pump``, ``media`` or (else) for the rim."""
    canvas.shadow(500, 836, 300, 44)
    {"sponge": _sponge, "canister": _canister, "pump": _pump, "media": _media}.get(
        look.form, _hang_on
    )(canvas, look)


def _hang_on(canvas: Canvas, look: Look) -> None:
    canvas.fill(box(330, 420, 390, 830, 24), darker(STEEL, 0.3))
    for y in range(640, 820, 26):
        canvas.fill(box(336, y, 384, y + 10, 5), darker(STEEL, 0.55))
    body = path(
        "M 300 280 L 740 280 Q 764 280 764 310 L 740 640 Q 734 680 690 "
        "680 L 480 680 Q 440 680 438 640 L 430 420 L 300 420 Q 280 420 "
        "280 390 L 280 300 Q 280 280 300 280 Z"
    )
    canvas.fill(body, mix(GLASS, look.brand.base, 0.35))
    with canvas.inside(body):
        canvas.fill(box(500, 420, 720, 640, 16), look.accent)
        for x in range(520, 720, 34):
            canvas.fill(box(x, 430, x + 12, 630, 6), darker(look.accent, 0.2))
        canvas.fill(box(690, 270, 780, 700), SHADE)
    canvas.fill(box(268, 244, 776, 300, 22), look.brand.base)
    canvas.fill(path("M 266 330 Q 190 340 184 470 L 220 470 Q 232 400 290 396 Z"), WATER)
    emblem(canvas, look, 600, 350, 0.66)


def _sponge(canvas: Canvas, look: Look) -> None:
    canvas.stroke(curve((500, 440), (500, 260), (620, 180), (760, 220)), 22, lighter(STEEL, 0.3))
    canvas.fill(box(470, 280, 530, 470, 14), look.brand.ink)
    for x in (360, 640):
        body = box(x - 124, 420, x + 124, 760, 56)
        canvas.fill(body, look.accent)
        with canvas.inside(body):
            for index in range(34):
                canvas.fill(
                    ellipse(x - 110 + index * 67 % 220, 440 + index * 41 % 310, 9),
                    darker(look.accent, 0.2),
                )
            canvas.fill(box(x + 62, 400, x + 130, 780), SHADE)
    canvas.fill(box(300, 744, 700, 830, 34), look.brand.ink)
    for x, y in ((452, 230), (540, 196), (500, 130)):
        canvas.stroke(arc((x, y), 16, 16, 0, 360), 6, WATER)


def _canister(canvas: Canvas, look: Look) -> None:
    for x, tone in ((420, look.accent), (580, lighter(STEEL, 0.2))):
        canvas.stroke(curve((x, 330), (x, 220), (x + (x - 500) * 2, 160)), 28, tone)
    body = box(310, 380, 690, 832, 60)
    canvas.fill(body, mix(GLASS, look.brand.base, 0.5))
    with canvas.inside(body):
        for y, tone in ((470, (226, 214, 190)), (580, look.accent), (690, darker(STEEL, 0.3))):
            canvas.fill(box(340, y, 660, y + 92, 14), tone)
        canvas.fill(box(610, 380, 700, 840), SHADE)
        canvas.fill(box(330, 380, 350, 840), GLOSS)
    canvas.fill(
        path("M 290 400 Q 300 310 400 306 L 600 306 Q 700 310 710 400 L 710 430 L 290 430 Z"),
        look.brand.base,
    )
    emblem(canvas, look, 500, 366, 0.62)
    for x in (290, 674):
        canvas.fill(box(x, 396, x + 36, 490, 14), look.brand.ink)


def _pump(canvas: Canvas, look: Look) -> None:
    canvas.stroke(
        curve((720, 660), (850, 640), (840, 420), (700, 330), (760, 200)), 18, lighter(STEEL, 0.4)
    )
    body = path(
        "M 200 760 C 200 540 330 480 480 480 C 650 480 760 560 760 760 "
        "Q 760 800 720 800 L 240 800 Q 200 800 200 760 Z"
    )
    canvas.fill(body, look.brand.base)
    with canvas.inside(body):
        canvas.fill(path("M 620 480 C 700 580 700 700 660 810 L 800 810 L 800 480 Z"), SHADE)
        canvas.fill(box(190, 720, 780, 810), darker(look.brand.base, 0.18))
    for x in (270, 680):
        canvas.fill(box(x, 796, x + 70, 830, 12), look.brand.ink)
    canvas.fill(ellipse(440, 620, 62), look.accent)
    canvas.stroke(((440, 620), (470, 588)), 14, look.on_accent)
    for x, y, r in ((760, 130, 22), (800, 80, 15), (720, 84, 13)):
        canvas.stroke(arc((x, y + 60), r, r, 0, 360), 7, darker(WATER, 0.1))


def _media(canvas: Canvas, look: Look) -> None:
    for x, tone, turn in (
        (640, darker(look.accent, 0.14), 10),
        (520, look.accent, 0),
        (380, lighter(look.accent, 0.2), -9),
    ):
        with canvas.at(x, 560, 1, turn):
            canvas.fill(box(-140, -250, 140, 260, 30), look.brand.base)
            canvas.fill(box(-112, -222, 112, 232, 18), tone)
            for y in range(-190, 220, 48):
                for column in range(4):
                    canvas.fill(ellipse(-80 + column * 54, y, 15, 12), alpha(CREAM, 0.42))


def heater(canvas: Canvas, look: Look) -> None:
    """A glass heater; ``gauge`` is a digital thermometer."""
    if look.form == "gauge":
        _gauge(canvas, look)
        return
    canvas.shadow(500, 846, 200, 34)
    with canvas.at(500, 520, 1, 12):
        canvas.stroke(curve((0, -300), (30, -380), (120, -400)), 16, INK)
        tube = box(-70, -200, 70, 320, 66)
        canvas.fill(tube, mix(GLASS, CREAM, 0.35))
        with canvas.inside(tube):
            canvas.fill(box(-24, -180, 24, 250, 10), darker(STEEL, 0.1))
            for y in range(-10, 240, 30):
                canvas.stroke(((-32, y + 8), (32, y - 8)), 11, (238, 118, 74))
            canvas.fill(box(34, -220, 70, 330), SHADE)
        canvas.fill(box(-52, -180, -38, 290, 7), alpha((255, 255, 255), 0.7))
        canvas.fill(box(-80, -310, 80, -170, 30), look.brand.base)
        canvas.fill(ellipse(0, -240, 30), look.accent)
        for y in (-80, 140):
            canvas.fill(box(-84, y, 84, y + 30, 12), look.brand.ink)
            canvas.fill(ellipse(-104, y + 15, 26, 34), darker(look.brand.ink, 0.1))


def _gauge(canvas: Canvas, look: Look) -> None:
    canvas.shadow(500, 800, 280, 44)
    canvas.stroke(curve((660, 640), (790, 620), (820, 420), (740, 330), (760, 210)), 14, INK)
    canvas.fill(box(742, 150, 782, 280, 18), STEEL)
    canvas.fill(box(230, 340, 690, 790, 90), look.brand.base)
    canvas.fill(box(230, 740, 690, 790, 50), SHADE)
    canvas.fill(box(286, 410, 634, 610, 30), (212, 224, 206))
    for x in (340, 460):
        _seven(canvas, x, 510, look.brand.ink)
    canvas.stroke(arc((572, 462), 16, 16, 0, 360), 8, look.brand.ink)
    for x in (380, 540):
        canvas.fill(ellipse(x, 690, 34), look.accent)


def _seven(canvas: Canvas, x: float, y: float, colour: Colour) -> None:
    for line in (
        ((x, y - 64), (x + 66, y - 64)),
        ((x, y), (x + 66, y)),
        ((x, y + 64), (x + 66, y + 64)),
        ((x + 68, y - 60), (x + 68, y - 6)),
    ):
        canvas.stroke(line, 15, colour)
    canvas.stroke(
        ((x - 2 if x < 400 else x + 68, y + 6), (x - 2 if x < 400 else x + 68, y + 60)), 15, colour
    )


def light(canvas: Canvas, look: Look) -> None:
    """A light bar over a tank."""
    beam = path("M 190 370 L 810 370 L 880 800 L 120 800 Z")
    canvas.fill(beam, alpha((255, 236, 168), 0.5))
    canvas.fill(path("M 280 370 L 720 370 L 750 800 L 250 800 Z"), alpha((255, 244, 200), 0.55))
    for x, height in ((270, 210), (400, 280), (560, 240), (710, 190)):
        weed(canvas, x, 806, height, LEAF if x != 560 else (86, 140, 112))
    canvas.fill(box(120, 790, 880, 836, 20), _GRAVEL)
    canvas.fill(box(150, 300, 850, 372, 30), look.brand.base)
    canvas.fill(box(180, 356, 820, 378, 10), (255, 246, 208))
    for index, tone in enumerate((look.accent, CREAM, (120, 160, 220), CREAM, look.accent)):
        canvas.fill(ellipse(260 + index * 120, 367, 20, 10), tone)
    for x in (220, 780):
        canvas.stroke(((x, 300), (x + (500 - x) * 0.2, 180)), 10, INK)


def net(canvas: Canvas, look: Look) -> None:
    """A fish net; ``siphon`` is a gravel cleaner."""
    canvas.shadow(500, 836, 260, 40)
    if look.form == "siphon":
        _siphon(canvas, look)
        return
    with canvas.at(500, 500, 1, 30):
        canvas.fill(box(-20, -380, 20, -60, 18), look.brand.base)
        bag_ = path("M -190 -50 C -190 120 -100 330 0 330 C 100 330 190 120 190 -50 Z")
        canvas.fill(bag_, alpha(look.accent, 0.5))
        with canvas.inside(bag_):
            for step in range(-420, 440, 44):
                canvas.stroke(((step, -60), (step + 300, 340)), 4, alpha(CREAM, 0.8))
                canvas.stroke(((step, -60), (step - 300, 340)), 4, alpha(CREAM, 0.8))
        canvas.stroke(arc((0, -50), 190, 60, 0, 360), 20, darker(look.accent, 0.25))


def _siphon(canvas: Canvas, look: Look) -> None:
    canvas.stroke(
        curve((380, 420), (400, 200), (640, 170), (720, 400), (640, 620), (760, 780)),
        34,
        mix(GLASS, look.accent, 0.4),
    )
    tube: Shape = box(310, 420, 450, 820, 30)
    canvas.fill(tube, mix(GLASS, CREAM, 0.2))
    with canvas.inside(tube):
        canvas.fill(box(300, 560, 470, 830), WATER)
        for index in range(26):
            canvas.fill(
                ellipse(322 + index * 47 % 120, 700 + index * 31 % 120, 13, 10),
                darker(_GRAVEL, index % 3 * 0.08),
            )
    canvas.fill(box(326, 440, 340, 790, 7), _SHINE)
    canvas.fill(box(300, 390, 460, 450, 20), look.brand.base)
    canvas.fill(
        smooth((660, 470), (740, 480), (750, 580), (690, 650), (620, 600), (620, 510)),
        look.brand.base,
    )


def test_kit(canvas: Canvas, look: Look) -> None:
    """Test tubes in a rack."""
    canvas.shadow(500, 826, 360, 46)
    for x, tone in (
        (290, (242, 208, 92)),
        (410, (132, 186, 110)),
        (530, (86, 150, 190)),
        (650, (202, 120, 160)),
    ):
        tube = box(x - 38, 330, x + 38, 760, 38)
        canvas.fill(tube, mix(GLASS, CREAM, 0.4))
        with canvas.inside(tube):
            canvas.fill(box(x - 40, 490, x + 40, 770), tone)
        canvas.fill(box(x - 24, 360, x - 12, 720, 6), _SHINE)
        canvas.fill(box(x - 44, 296, x + 44, 350, 14), look.brand.base)
    canvas.fill(box(190, 610, 750, 826, 22), look.brand.base)
    canvas.fill(box(190, 780, 750, 826, 16), SHADE)
    emblem(canvas, look, 300, 716, 0.86)
    canvas.fill(box(380, 690, 690, 742, 10), CREAM)
    for index, tone in enumerate(
        ((242, 208, 92), (180, 196, 96), (132, 186, 110), (86, 150, 190), (202, 120, 160))
    ):
        canvas.fill(box(392 + index * 58, 702, 440 + index * 58, 730, 6), tone)
    canvas.fill(box(790, 560, 860, 826, 20), look.accent)
    canvas.fill(box(806, 500, 844, 566, 10), look.brand.ink)
