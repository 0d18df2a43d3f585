"""Beds."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import box, curve, ellipse, mirrored, path, smooth
from kibble.runtime.demo.pictures.look import SHADE, Look, emblem
from kibble.runtime.demo.pictures.palette import CREAM, INK, alpha, darker, lighter, mix


def bed(canvas: Canvas, look: Look) -> None:
    """A bed: ``round``, ``cave``, ``mat``, ``cot`` or (else) with bolsters."""
    canvas.shadow(500, 790, 420, 54)
    {"round": _round_bed, "cave": _cave, "mat": _mat, "cot": _cot}.get(look.form, _bolster)(
        canvas, look
    )


def _round_bed(canvas: Canvas, look: Look) -> None:
    tone = look.accent
    canvas.fill(
        smooth(
            (500, 400),
            (780, 450),
            (860, 600),
            (780, 760),
            (500, 806),
            (220, 760),
            (140, 600),
            (220, 450),
        ),
        darker(tone, 0.12),
    )
    canvas.fill(
        smooth(
            (500, 384),
            (780, 430),
            (852, 560),
            (780, 690),
            (500, 730),
            (220, 690),
            (148, 560),
            (220, 430),
        ),
        tone,
    )
    canvas.fill(ellipse(500, 545, 248, 112), darker(tone, 0.22))
    canvas.fill(ellipse(500, 566, 236, 96), lighter(tone, 0.4))
    for x, y in (
        (216, 480),
        (300, 424),
        (700, 424),
        (784, 480),
        (826, 580),
        (174, 580),
        (262, 672),
        (738, 672),
        (400, 702),
        (600, 702),
    ):
        canvas.stroke(
            curve((x - 18, y), (x, y - 10), (x + 18, y + 2)), 7, alpha(lighter(tone, 0.8), 0.7)
        )
    canvas.stroke(curve((380, 560), (500, 600), (620, 560)), 7, alpha(tone, 0.8))


def _bolster(canvas: Canvas, look: Look) -> None:
    tone, cushion = look.accent, lighter(look.brand.second, 0.35)
    canvas.fill(box(170, 400, 830, 640, 110), darker(tone, 0.16))
    canvas.fill(box(214, 520, 786, 740, 60), cushion)
    canvas.stroke(curve((300, 600), (480, 628), (700, 596)), 7, darker(cushion, 0.12))
    arm = path("M 130 520 C 130 440 260 440 266 520 L 266 760 C 266 800 130 800 130 760 Z")
    for shape in (arm, mirrored(arm)):
        canvas.fill(shape, tone)
    canvas.fill(
        path(
            "M 740 470 C 800 450 870 460 870 520 L 870 760 C 870 790 820 "
            "796 790 790 C 820 700 800 560 740 470 Z"
        ),
        SHADE,
    )
    canvas.fill(box(150, 690, 850, 796, 52), lighter(tone, 0.08))
    canvas.fill(box(150, 760, 850, 796, 30), SHADE)
    canvas.fill(box(440, 716, 560, 766, 10), CREAM)
    with canvas.at(500, 741, 0.3):
        emblem(canvas, Look(look.brand, look.accent, "", "", ""), 0, 0, 1)


def _cave(canvas: Canvas, look: Look) -> None:
    dome = path("M 170 790 C 120 520 280 270 520 280 C 760 290 880 540 830 790 Q 500 830 170 790 Z")
    canvas.fill(dome, look.accent)
    with canvas.inside(dome):
        canvas.fill(path("M 640 260 C 760 420 760 660 690 830 L 900 830 L 900 260 Z"), SHADE)
        for x in (300, 420, 540, 660):
            canvas.stroke(curve((x + 60, 270), (x - 20, 500), (x - 10, 830)), 5, alpha(INK, 0.08))
    canvas.fill(ellipse(470, 650, 196, 152), lighter(look.accent, 0.3))
    canvas.fill(ellipse(470, 656, 168, 130), mix(INK, look.accent, 0.3))
    canvas.fill(
        path("M 310 690 Q 470 640 630 690 Q 600 786 470 788 Q 340 786 310 690 Z"),
        lighter(look.brand.second, 0.4),
    )


def _mat(canvas: Canvas, look: Look) -> None:
    canvas.fill(
        path(
            "M 250 480 L 750 480 Q 780 480 790 506 L 876 730 Q 890 782 840 "
            "782 L 160 782 Q 110 782 124 730 L 210 506 Q 220 480 250 480 "
            "Z"
        ),
        darker(look.accent, 0.18),
    )
    pad = path(
        "M 250 452 L 750 452 Q 780 452 790 478 L 876 700 Q 890 752 840 "
        "752 L 160 752 Q 110 752 124 700 L 210 478 Q 220 452 250 452 "
        "Z"
    )
    canvas.fill(pad, look.accent)
    with canvas.inside(pad):
        for x in (260, 420, 580, 740):
            canvas.stroke(
                ((500 + (x - 500) * 0.86, 440), (500 + (x - 500) * 1.3, 770)),
                7,
                lighter(look.accent, 0.4),
            )
        for y in (540, 640):
            canvas.stroke(((120, y), (880, y)), 7, lighter(look.accent, 0.4))
    _sewn_tag(canvas, look, 770, 742)


def _sewn_tag(canvas: Canvas, look: Look, x: float, y: float) -> None:
    canvas.fill(box(x - 38, y - 30, x + 38, y + 40, 8), look.brand.base)
    emblem(canvas, look, x, y + 5, 0.44)


def _cot(canvas: Canvas, look: Look) -> None:
    for x in (190, 270, 706, 786):
        canvas.fill(box(x, 600, x + 26, 790, 8), look.brand.ink)
    sling = path(
        "M 260 470 L 740 470 Q 766 470 776 496 L 850 640 L 150 640 L 224 496 Q 234 470 260 470 Z"
    )
    canvas.fill(sling, look.accent)
    with canvas.inside(sling):
        for x in range(160, 860, 28):
            canvas.stroke(((x, 640), (500 + (x - 500) * 0.72, 470)), 3, lighter(look.accent, 0.3))
        canvas.fill(path("M 300 540 Q 500 600 700 540 L 740 620 L 260 620 Z"), SHADE)
    canvas.fill(box(136, 628, 864, 668, 18), look.brand.ink)
    _sewn_tag(canvas, look, 500, 648)
