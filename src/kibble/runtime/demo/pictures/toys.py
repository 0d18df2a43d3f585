"""Toys for dogs."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import (
    arc,
    box,
    curve,
    ellipse,
    mirrored,
    path,
    smooth,
    star,
)
from kibble.runtime.demo.pictures.look import GLOSS, SHADE, Look
from kibble.runtime.demo.pictures.palette import (
    CREAM,
    INK,
    Colour,
    alpha,
    darker,
    is_light,
    lighter,
    mix,
)


def ball(canvas: Canvas, look: Look) -> None:
    """A ball; ``trio`` is three of them."""
    if look.form != "trio":
        canvas.shadow(500, 800, 280, 44)
        _one_ball(canvas, look.accent, look.brand.base, (500, 560, 1))
        return
    canvas.shadow(500, 806, 380, 46)
    top = look.brand.second if is_light(look.brand.base) else look.brand.base
    _one_ball(canvas, top, lighter(look.accent, 0.3), (500, 400, 0.62))
    _one_ball(canvas, look.accent, CREAM, (350, 648, 0.64))
    _one_ball(canvas, lighter(look.brand.second, 0.1), look.brand.base, (655, 652, 0.62))


def _one_ball(
    canvas: Canvas, main: Colour, seam: Colour, place: tuple[float, float, float]
) -> None:
    with canvas.at(*place):
        round_ = ellipse(0, 0, 240)
        canvas.fill(round_, main)
        with canvas.inside(round_):
            canvas.stroke(arc((-270, -60), 250, 250, -70, 80), 26, seam)
            canvas.stroke(arc((270, 60), 250, 250, 110, 260), 26, seam)
            canvas.fill(path("M 90 -240 C 230 -80 220 140 40 250 L 260 260 L 260 -240 Z"), SHADE)
        canvas.fill(ellipse(-96, -120, 48, 34), GLOSS)


def rope(canvas: Canvas, look: Look) -> None:
    """A knotted tug rope."""
    canvas.shadow(500, 760, 360, 40)
    with canvas.at(500, 540, 1.08, -28):
        for side in (-1, 1):
            for spread in (-46, -16, 16, 46):
                tone = (look.accent, look.brand.base)[abs(spread) == 16]
                canvas.stroke(
                    curve((side * 236, 0), (side * 290, spread * 0.9), (side * 342, spread * 1.7)),
                    24,
                    tone,
                )
        _twist(canvas, look)
        for x in (-212, 212):
            canvas.fill(ellipse(x, 0, 62, 72), darker(look.accent, 0.12))
            canvas.fill(ellipse(x - 6, -8, 50, 56), look.accent)
            canvas.stroke(curve((x - 30, -44), (x + 14, 0), (x - 18, 52)), 20, look.brand.base)


def _twist(canvas: Canvas, look: Look) -> None:
    cord = box(-220, -40, 220, 40, 30)
    canvas.fill(cord, look.accent)
    with canvas.inside(cord):
        for index, x in enumerate(range(-280, 260, 52)):
            tone = (look.brand.base, lighter(look.accent, 0.4), darker(look.accent, 0.12))[
                index % 3
            ]
            canvas.fill(
                path(
                    f"M {x} 44 C {x + 20} 10 {x + 40} -10 {x + 60} -44 L {x + 92} "
                    f"-44 C {x + 72} -10 {x + 52} 10 {x + 32} 44 Z"
                ),
                tone,
            )
        canvas.fill(box(-230, 14, 230, 44), SHADE)


def plush(canvas: Canvas, look: Look) -> None:
    """A soft toy; ``fox``, ``duck`` or (else) a bear."""
    canvas.shadow(500, 836, 270, 42)
    coat, pale = look.accent, mix(lighter(look.accent, 0.5), CREAM, 0.4)
    for limb in (
        smooth((372, 560), (310, 640), (330, 700), (400, 680)),
        smooth((400, 740), (360, 800), (390, 842), (470, 836), (470, 760)),
    ):
        canvas.fill(limb, darker(coat, 0.1))
        canvas.fill(mirrored(limb), darker(coat, 0.1))
    canvas.fill(
        smooth((500, 520), (610, 580), (636, 720), (570, 820), (430, 820), (364, 720), (390, 580)),
        coat,
    )
    canvas.fill(ellipse(500, 710, 86, 92), pale)
    for y in (662, 694, 726, 758):
        canvas.stroke(((492, y), (508, y + 8)), 5, darker(pale, 0.25))
    _plush_head(canvas, look, coat, pale)


def _plush_head(canvas: Canvas, look: Look, coat: Colour, pale: Colour) -> None:
    ear = (
        ellipse(384, 274, 58)
        if look.form != "fox"
        else path("M 350 330 L 334 184 Q 342 170 356 180 L 460 262 Z")
    )
    if look.form != "duck":
        for shape in (ear, mirrored(ear)):
            canvas.fill(shape, darker(coat, 0.14))
    canvas.fill(ellipse(500, 390, 172, 156), coat)
    if look.form == "fox":
        cheek = path("M 330 400 C 400 380 470 440 500 520 C 420 560 340 500 330 400 Z")
        canvas.fill(cheek, pale)
        canvas.fill(mirrored(cheek), pale)
    if look.form == "duck":
        canvas.stroke(curve((500, 236), (520, 200), (552, 196)), 22, coat)
        canvas.fill(
            path(
                "M 404 430 C 440 400 560 400 596 430 C 600 480 560 500 500 500 "
                "C 440 500 400 480 404 430 Z"
            ),
            (236, 146, 66),
        )
        canvas.stroke(curve((412, 446), (500, 462), (588, 446)), 7, (196, 108, 44))
    else:
        if look.form != "fox":
            canvas.fill(ellipse(500, 446, 74, 58), pale)
        canvas.fill(ellipse(500, 424 if look.form != "fox" else 504, 26, 20), INK)
    for x in (436, 564):
        canvas.fill(ellipse(x, 368, 17, 19), INK)
        canvas.fill(ellipse(x - 5, 361, 5), CREAM)


def disc(canvas: Canvas, look: Look) -> None:
    """A flying disc."""
    canvas.shadow(500, 790, 330, 44)
    with canvas.at(500, 540, 1, -14):
        canvas.fill(
            path("M -330 -10 L -330 50 C -330 190 330 190 330 50 L 330 -10 Z"),
            darker(look.accent, 0.22),
        )
        canvas.fill(ellipse(0, -10, 330, 150), look.accent)
        canvas.fill(ellipse(0, -16, 262, 112), lighter(look.accent, 0.25))
        canvas.fill(ellipse(0, -14, 246, 102), look.accent)
        canvas.fill(ellipse(0, -14, 124, 50), look.brand.base)
        canvas.fill(star(0, -14, 34, 15, 5), CREAM)


def ring(canvas: Canvas, look: Look) -> None:
    """A tug ring."""
    canvas.shadow(500, 806, 290, 44)
    canvas.fill(ellipse(500, 540, 268), look.accent)
    with canvas.inside(ellipse(500, 540, 268)):
        for angle in range(0, 360, 45):
            with canvas.at(500, 540, 1, angle):
                canvas.fill(
                    path("M 120 -40 L 280 -66 L 280 66 L 120 40 Z"),
                    look.brand.base if angle % 90 else look.accent,
                )
        canvas.fill(path("M 560 260 C 760 400 740 700 560 820 L 800 820 L 800 260 Z"), SHADE)
    canvas.stroke(arc((500, 540), 206, 206, 190, 260), 22, GLOSS)
    canvas.fill(ellipse(500, 540, 136), mix((246, 241, 232), look.accent, 0.16))
    canvas.stroke(arc((500, 540), 136, 136, 180, 360), 10, alpha(INK, 0.14))


def puzzle(canvas: Canvas, look: Look) -> None:
    """A food puzzle with sliding lids, from above."""
    canvas.shadow(500, 830, 340, 48)
    canvas.fill(box(200, 250, 800, 824, 96), darker(look.brand.base, 0.22))
    canvas.fill(box(200, 226, 800, 800, 96), look.brand.base)
    canvas.fill(box(232, 258, 768, 768, 74), lighter(look.brand.base, 0.22))
    for row in range(3):
        for column in range(3):
            x, y = 336 + column * 164, 348 + row * 164
            canvas.fill(ellipse(x, y, 62), darker(look.brand.base, 0.2))
            if (row + column) % 2 == 0:
                canvas.fill(ellipse(x, y, 52), look.accent)
                canvas.fill(ellipse(x, y - 4, 20), lighter(look.accent, 0.45))
            else:
                canvas.fill(ellipse(x - 14, y + 8, 18), (178, 124, 74))
                canvas.fill(ellipse(x + 16, y - 8, 18), (196, 142, 88))
