"""Terrariums and what stands in them."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, path, smooth
from kibble.runtime.demo.pictures.look import SHADE, Look, emblem, label
from kibble.runtime.demo.pictures.motifs import MOTIFS
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    GLASS,
    INK,
    LEAF,
    STEEL,
    WATER,
    WOOD,
    alpha,
    darker,
    lighter,
    mix,
)

_SAND = (226, 190, 136)


def terrarium(canvas: Canvas, look: Look) -> None:
    """A terrarium: ``tall``, ``mesh`` or (else) wide."""
    left, top, right, bottom = (
        (250, 190, 750, 830) if look.form in {"tall", "mesh"} else (120, 330, 880, 810)
    )
    canvas.shadow(500, bottom + 10, (right - left) * 0.56, 46)
    glass = box(left, top, right, bottom, 10)
    canvas.fill(glass, mix(GLASS, CREAM, 0.35))
    with canvas.inside(glass):
        _desert(canvas, look, (left, top, right, bottom))
        if look.form == "mesh":
            for x in range(left, right, 22):
                canvas.stroke(((x, top), (x, bottom - 150)), 2, alpha(INK, 0.35))
            for y in range(top, bottom - 150, 22):
                canvas.stroke(((left, y), (right, y)), 2, alpha(INK, 0.35))
    frame = look.brand.ink
    canvas.stroke(
        ((left, top), (right, top), (right, bottom), (left, bottom), (left, top)), 20, frame
    )
    if look.form not in {"tall", "mesh"}:
        canvas.stroke(((500, top), (500, bottom - 80)), 10, frame)
        canvas.fill(box(520, (top + bottom) / 2 - 30, 544, (top + bottom) / 2 + 30, 8), STEEL)
    canvas.fill(box(left - 10, bottom - 80, right + 10, bottom + 12, 10), frame)
    emblem(canvas, Look(look.brand, look.accent, "", "", ""), right - 70, bottom - 34, 0.5)
    canvas.fill(box(left - 8, top - 24, right + 8, top + 12, 8), frame)


def _desert(canvas: Canvas, look: Look, area: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = area
    width, height = right - left, bottom - top
    ground = look.accent
    canvas.fill(
        path(
            f"M {left} {bottom - 150} Q {left + width * 0.4} {bottom - 190} "
            f"{right} {bottom - 130} L {right} {bottom} L {left} {bottom} "
            f"Z"
        ),
        ground,
    )
    for x, y, turn in ((0.12, 0.66, -20), (0.2, 0.5, 10), (0.86, 0.62, 24), (0.8, 0.44, -8)):
        with canvas.at(left + width * x, top + height * y, 1.7, turn):
            canvas.fill(
                path("M -36 34 C -46 -14 -8 -44 42 -42 C 46 10 12 46 -36 34 Z"),
                LEAF if x < 0.5 else darker(LEAF, 0.18),
            )
    canvas.stroke(
        curve(
            (left + 20, top + height * 0.62),
            (left + width * 0.4, top + height * 0.56),
            (right - 20, top + height * 0.34),
        ),
        34,
        darker(WOOD, 0.25),
    )
    with canvas.at(left + width * 0.52, top + height * 0.46, 2.3, 62):
        MOTIFS[look.motif or "lizard"](
            canvas, darker(look.brand.base, 0.1), lighter(look.brand.second, 0.2)
        )
    canvas.fill(
        path(
            f"M {left + 20} {top} L {left + 80} {top} L {left + 20} {bottom} "
            f"L {left - 40} {bottom} Z"
        ),
        alpha((255, 255, 255), 0.22),
    )


def rock(canvas: Canvas, look: Look) -> None:
    """A rock hide; ``dish`` is a water dish, ``log`` a hollow log, ``vine`` a jungle vine."""
    canvas.shadow(500, 820, 390, 50)
    {"dish": _dish, "log": _log, "vine": _vine}.get(look.form, _cave)(canvas, look)


def _cave(canvas: Canvas, look: Look) -> None:
    stone = smooth(
        (500, 360),
        (680, 400),
        (830, 560),
        (860, 800),
        (500, 830),
        (140, 800),
        (180, 580),
        (310, 420),
    )
    canvas.fill(stone, look.accent)
    with canvas.inside(stone):
        for line in (
            ((120, 560), (380, 500), (560, 540), (880, 480)),
            ((120, 700), (300, 660), (700, 620), (900, 690)),
        ):
            canvas.stroke(curve(*line), 15, darker(look.accent, 0.14))
        canvas.fill(path("M 640 340 C 760 480 760 700 700 840 L 900 840 L 900 340 Z"), SHADE)
        canvas.fill(ellipse(380, 470, 90, 34), alpha(lighter(look.accent, 0.7), 0.4))
    canvas.fill(
        smooth((440, 600), (570, 610), (620, 720), (620, 830), (360, 830), (370, 700)),
        mix(INK, look.accent, 0.25),
    )
    with canvas.at(590, 740, 1.7, 100):
        MOTIFS["lizard"](canvas, look.brand.base, look.brand.second)


def _dish(canvas: Canvas, look: Look) -> None:
    canvas.fill(
        smooth(
            (500, 480),
            (760, 520),
            (880, 680),
            (760, 810),
            (500, 830),
            (240, 810),
            (120, 680),
            (240, 520),
        ),
        darker(look.accent, 0.14),
    )
    canvas.fill(
        smooth(
            (500, 460),
            (750, 500),
            (860, 620),
            (750, 720),
            (500, 750),
            (250, 720),
            (140, 620),
            (250, 500),
        ),
        look.accent,
    )
    canvas.fill(
        smooth(
            (500, 516),
            (680, 540),
            (760, 612),
            (680, 680),
            (500, 700),
            (320, 680),
            (240, 612),
            (320, 540),
        ),
        darker(look.accent, 0.3),
    )
    canvas.fill(
        smooth(
            (500, 540),
            (670, 560),
            (730, 620),
            (670, 676),
            (500, 692),
            (330, 676),
            (270, 620),
            (330, 560),
        ),
        WATER,
    )
    for rx in (120, 60):
        canvas.stroke(arc((520, 616), rx, rx * 0.3, 0, 360), 6, alpha((255, 255, 255), 0.7))
    with canvas.at(270, 500, 1.8, 130):
        MOTIFS["lizard"](canvas, look.brand.base, look.brand.second)


def _log(canvas: Canvas, look: Look) -> None:
    bark = darker(WOOD, 0.3)
    body = path("M 260 430 L 760 400 C 880 420 890 780 770 806 L 270 820 Z")
    canvas.fill(body, bark)
    with canvas.inside(body):
        for y in range(440, 820, 52):
            canvas.stroke(curve((240, y + 10), (500, y - 14), (900, y)), 11, darker(bark, 0.16))
        canvas.fill(box(240, 740, 900, 830), SHADE)
    canvas.fill(ellipse(270, 625, 126, 196), lighter(WOOD, 0.3))
    canvas.fill(ellipse(274, 628, 96, 160), mix(INK, WOOD, 0.2))
    for x, y in ((470, 430), (610, 420), (700, 470)):
        canvas.fill(ellipse(x, y, 66, 26), look.accent)
    with canvas.at(280, 680, 1.4, -70):
        MOTIFS["lizard"](canvas, look.brand.second, CREAM)


def _vine(canvas: Canvas, look: Look) -> None:
    line = curve(
        (140, 300),
        (320, 460),
        (260, 640),
        (460, 720),
        (620, 560),
        (560, 400),
        (720, 330),
        (850, 480),
    )
    canvas.stroke(line, 40, darker(WOOD, 0.2))
    canvas.stroke(tuple((x - 6, y - 8) for x, y in line), 10, lighter(WOOD, 0.1))
    for index in range(8, len(line), 11):
        x, y = line[index]
        for turn in (-50, 60):
            with canvas.at(x, y, 1.15, turn + index * 9):
                canvas.fill(
                    path("M 0 0 C 10 -50 60 -80 96 -78 C 104 -30 60 14 0 0 Z"),
                    look.accent if turn > 0 else lighter(look.accent, 0.2),
                )
    with canvas.at(440, 650, 1.6, 60):
        MOTIFS["lizard"](canvas, look.brand.base, look.brand.second)


def insects(canvas: Canvas, look: Look) -> None:
    """A cup of insects under a mesh lid."""
    canvas.shadow(500, 830, 280, 46)
    body = path("M 280 380 L 320 800 Q 324 830 356 830 L 644 830 Q 676 830 680 800 L 720 380 Z")
    canvas.fill(body, mix(GLASS, CREAM, 0.5))
    with canvas.inside(body):
        canvas.fill(box(270, 640, 730, 840), _SAND)
        for index in range(34):
            x, y, turn = 290 + index * 137 % 400, 650 + index * 89 % 170, index * 67 % 180
            with canvas.at(x, y, 1, turn):
                canvas.stroke(
                    curve((-26, 4), (0, -9), (26, 3)),
                    16,
                    (look.accent, darker(look.accent, 0.2))[index % 2],
                )
        canvas.fill(path("M 650 370 L 610 840 L 740 840 L 740 370 Z"), SHADE)
    canvas.fill(ellipse(500, 380, 232, 46), look.brand.base)
    canvas.fill(ellipse(500, 374, 200, 34), lighter(look.brand.base, 0.3))
    for x in range(360, 660, 40):
        for y in (362, 378):
            canvas.fill(ellipse(x + (y % 4) * 5, y, 8, 4), look.brand.ink)
    label(canvas, look, 500, 530, 92)
