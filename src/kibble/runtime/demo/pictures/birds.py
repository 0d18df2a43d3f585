"""Things for birds."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, path, star
from kibble.runtime.demo.pictures.look import SHADE, Look
from kibble.runtime.demo.pictures.motifs import MOTIFS
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    GLASS,
    INK,
    LEAF,
    STEEL,
    WOOD,
    alpha,
    darker,
    lighter,
    mix,
)

_STRAW = (226, 198, 128)


def cage(canvas: Canvas, look: Look) -> None:
    """A bird cage: ``dome`` or (else) square."""
    canvas.shadow(500, 850, 330, 42)
    tone = look.brand.ink
    outline = box(260, 200, 740, 770, 16)
    if look.form == "dome":
        outline = (*arc((500, 430), 240, 240, 180, 360), (740, 770), (260, 770))
    canvas.fill(outline, alpha(CREAM, 0.75))
    canvas.stroke(((270, 590), (730, 560)), 22, WOOD)
    _sitter(canvas, look, 520, 478, 1.9)
    with canvas.inside(outline):
        for x in range(260, 745, 48):
            canvas.stroke(((x, 150), (x, 790)), 7, tone)
        canvas.stroke(((250, 400), (750, 400)), 9, tone)
    canvas.stroke((*outline, outline[0]), 12, tone)
    canvas.stroke(arc((500, 170 if look.form != "dome" else 165), 30, 30, 0, 360), 11, tone)
    canvas.fill(box(230, 760, 770, 846, 22), look.brand.base)
    canvas.fill(box(230, 816, 770, 846, 14), SHADE)


def _sitter(canvas: Canvas, look: Look, x: float, y: float, scale: float) -> None:
    with canvas.at(x, y, scale):
        MOTIFS["bird"](canvas, darker(look.accent, 0.25), lighter(look.accent, 0.6))


def perch(canvas: Canvas, look: Look) -> None:
    """A perch: ``swing`` hangs, ``rope`` bends, ``stand`` stands, (else) natural wood."""
    {"swing": _swing, "rope": _rope_perch, "stand": _stand}.get(look.form, _branch)(canvas, look)


def _branch(canvas: Canvas, look: Look) -> None:
    canvas.shadow(500, 790, 330, 36)
    bark = darker(WOOD, 0.22)
    canvas.stroke(curve((170, 610), (400, 560), (640, 590), (850, 540)), 66, bark)
    canvas.stroke(curve((520, 570), (600, 470), (680, 430)), 42, bark)
    canvas.stroke(curve((180, 594), (400, 544), (640, 574), (840, 526)), 14, lighter(bark, 0.22))
    canvas.fill(box(130, 550, 176, 680, 14), STEEL)
    canvas.fill(ellipse(112, 614, 30, 44), darker(STEEL, 0.15))
    canvas.fill(ellipse(690, 426, 20), lighter(WOOD, 0.4))
    _sitter(canvas, look, 390, 440, 2.3)


def _swing(canvas: Canvas, look: Look) -> None:
    canvas.shadow(500, 846, 240, 34)
    for x in (270, 730):
        canvas.stroke(((500, 190), (x, 700)), 11, STEEL)
        for y, tone in ((400, look.brand.base), (470, look.accent), (540, look.brand.second)):
            canvas.fill(ellipse(500 + (x - 500) * (y - 190) / 510, y, 33), tone)
    canvas.stroke(arc((500, 160), 30, 30, 0, 360), 11, STEEL)
    canvas.stroke(((250, 706), (750, 706)), 48, WOOD)
    canvas.stroke(((262, 696), (738, 696)), 10, lighter(WOOD, 0.35))
    _sitter(canvas, look, 510, 568, 2.2)


def _rope_perch(canvas: Canvas, look: Look) -> None:
    canvas.shadow(500, 810, 330, 36)
    line = curve((180, 360), (300, 620), (520, 680), (690, 560), (830, 600))
    canvas.stroke(line, 76, look.accent)
    for index in range(3, len(line) - 2, 3):
        x, y = line[index]
        canvas.stroke(
            ((x - 26, y + 24), (x + 24, y - 26)),
            13,
            (look.brand.base, lighter(look.accent, 0.4))[index % 2],
        )
    for x, y in ((170, 340), (846, 606)):
        canvas.fill(box(x - 32, y - 46, x + 32, y + 46, 16), STEEL)
    _sitter(canvas, look, 470, 530, 2.1)


def _stand(canvas: Canvas, look: Look) -> None:
    canvas.shadow(500, 846, 300, 40)
    canvas.fill(box(484, 440, 516, 800), darker(WOOD, 0.15))
    canvas.fill(box(270, 786, 730, 840, 24), WOOD)
    canvas.stroke(((230, 450), (770, 450)), 44, WOOD)
    for x in (250, 750):
        canvas.fill(
            path(f"M {x - 66} 400 L {x + 66} 400 L {x + 46} 480 L {x - 46} 480 Z"), look.brand.base
        )
    _sitter(canvas, look, 500, 318, 2.2)


def hanging_toy(canvas: Canvas, look: Look) -> None:
    """A toy of blocks and beads on a cord."""
    canvas.shadow(500, 860, 220, 32)
    canvas.stroke(((500, 150), (500, 800)), 11, INK)
    canvas.stroke(arc((500, 140), 32, 32, 0, 360), 12, STEEL)
    for x, length in ((360, 700), (640, 700)):
        canvas.stroke(curve((500, 300), (x, 400), (x, length)), 9, INK)
        canvas.fill(box(x - 58, 460, x + 58, 560, 18), look.brand.base if x < 500 else look.accent)
        canvas.fill(ellipse(x, 608, 38), look.brand.second)
        canvas.fill(star(x, 710, 62, 32, 5), (226, 186, 84))
    canvas.fill(box(390, 234, 610, 316, 24), WOOD)
    for y, tone in ((400, look.accent), (516, lighter(WOOD, 0.15)), (632, look.brand.base)):
        canvas.fill(box(432, y, 568, y + 96, 20), tone)
        canvas.fill(box(530, y, 568, y + 96, 12), SHADE)
    canvas.fill(path("M 448 800 Q 450 732 500 732 Q 550 732 552 800 Z"), (226, 186, 84))
    canvas.fill(ellipse(500, 806, 18), darker((226, 186, 84), 0.3))


def bird_feeder(canvas: Canvas, look: Look) -> None:
    """A garden feeder: ``house`` is a nest box, (else) a tube of seed."""
    canvas.shadow(500, 856, 240, 34)
    if look.form == "house":
        _bird_house(canvas, look)
        return
    canvas.stroke(arc((500, 190), 50, 76, 180, 360), 11, STEEL)
    tube = box(390, 290, 610, 780, 10)
    canvas.fill(tube, mix(GLASS, CREAM, 0.3))
    with canvas.inside(tube):
        canvas.fill(box(390, 380, 610, 780), _STRAW)
        for index in range(90):
            canvas.fill(
                ellipse(396 + index * 61 % 214, 390 + index * 37 % 390, 10, 7),
                ((96, 78, 62), (232, 208, 144), (190, 148, 86))[index % 3],
            )
        canvas.fill(box(556, 280, 620, 790), SHADE)
    canvas.fill(path("M 350 300 L 500 190 L 650 300 Z"), look.brand.base)
    canvas.fill(box(360, 770, 640, 826, 18), look.brand.base)
    for y in (520, 680):
        canvas.stroke(((320, y), (680, y)), 15, darker(WOOD, 0.2))
        canvas.fill(ellipse(500, y - 40, 28), look.brand.ink)
    _sitter(canvas, look, 300, 598, 1.3)


def _bird_house(canvas: Canvas, look: Look) -> None:
    canvas.fill(path("M 320 400 L 500 240 L 680 400 L 680 830 L 320 830 Z"), lighter(WOOD, 0.12))
    for x in (410, 500, 590):
        canvas.stroke(((x, 340), (x, 826)), 5, darker(WOOD, 0.12))
    canvas.fill(path("M 600 300 L 680 400 L 680 830 L 620 830 Z"), SHADE)
    canvas.stroke(((270, 430), (500, 222), (730, 430)), 56, look.brand.base)
    canvas.fill(ellipse(500, 520, 70), darker(WOOD, 0.7))
    canvas.stroke(((500, 650), (500, 690)), 24, darker(WOOD, 0.3))
    canvas.fill(ellipse(500, 700, 26), darker(WOOD, 0.2))


def spray(canvas: Canvas, look: Look) -> None:
    """Millet on the stalk; ``bone`` is a cuttlebone, ``bell`` a seed bell."""
    if look.form == "bone":
        _cuttlebone(canvas, look)
        return
    if look.form == "bell":
        _seed_bell(canvas, look)
        return
    canvas.shadow(500, 836, 300, 38)
    for turn, tone in (
        (-20, darker(look.accent, 0.1)),
        (16, lighter(look.accent, 0.1)),
        (-2, look.accent),
    ):
        with canvas.at(500, 840, 1, turn):
            canvas.stroke(((0, 0), (0, -300)), 13, LEAF)
            for row in range(24):
                half = 46 * (1 - abs(row - 8) / 18)
                for side in (-1, -0.35, 0.35, 1):
                    tint = mix(tone, darker(tone, 0.3), (row + side * 2) % 3 / 3)
                    canvas.fill(ellipse(side * half, -190 - row * 20 + abs(side) * 10, 17), tint)
    canvas.fill(box(420, 690, 580, 750, 18), look.brand.base)


def _cuttlebone(canvas: Canvas, look: Look) -> None:
    canvas.shadow(500, 820, 240, 40)
    with canvas.at(500, 520, 1, 18):
        canvas.fill(ellipse(0, 0, 150, 310), darker((240, 234, 222), 0.08))
        canvas.fill(ellipse(-8, -6, 130, 286), (250, 246, 238))
        for y in range(-200, 240, 52):
            canvas.stroke(curve((-84, y), (-8, y - 28), (70, y)), 6, (226, 216, 200))
        canvas.fill(box(-70, 120, 70, 190, 16), STEEL)
        canvas.fill(ellipse(0, 155, 24), look.brand.base)


def _seed_bell(canvas: Canvas, look: Look) -> None:
    canvas.shadow(500, 836, 260, 40)
    canvas.stroke(arc((500, 190), 34, 50, 0, 360), 12, STEEL)
    bell = path(
        "M 500 240 C 610 240 650 350 664 520 C 676 660 720 720 720 790 "
        "Q 720 826 680 826 L 320 826 Q 280 826 280 790 C 280 720 324 "
        "660 336 520 C 350 350 390 240 500 240 Z"
    )
    canvas.fill(bell, look.accent)
    with canvas.inside(bell):
        for index in range(150):
            tone = (
                darker(look.accent, 0.3),
                lighter(look.accent, 0.4),
                look.brand.base,
                darker(look.accent, 0.12),
            )[index * 3 % 4]
            canvas.fill(ellipse(270 + index * 83 % 460, 240 + index * 47 % 590, 17, 12), tone)
        canvas.fill(path("M 600 240 C 660 500 680 640 640 840 L 760 840 L 760 240 Z"), SHADE)
