"""Light and warmth for reptiles."""

from __future__ import annotations

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import arc, box, curve, ellipse, path
from kibble.runtime.demo.pictures.look import SHADE, Look
from kibble.runtime.demo.pictures.palette import CREAM, INK, STEEL, alpha, darker, lighter

_GLOW = (255, 214, 130)


def lamp(canvas: Canvas, look: Look) -> None:
    """A lamp: ``tube``, ``bulb``, ``ceramic`` or (else) a dome fixture."""
    if look.form == "tube":
        _tube(canvas, look)
        return
    if look.form in {"bulb", "ceramic"}:
        _bulb(canvas, look)
        return
    canvas.fill(path("M 250 560 L 750 560 L 850 836 L 150 836 Z"), alpha(_GLOW, 0.42))
    canvas.fill(path("M 350 560 L 650 560 L 690 836 L 310 836 Z"), alpha(_GLOW, 0.5))
    canvas.stroke(curve((500, 240), (510, 180), (600, 150), (700, 170)), 15, INK)
    canvas.fill(box(430, 230, 570, 360, 30), look.brand.ink)
    dome = path("M 220 570 C 230 420 360 330 500 330 C 640 330 770 420 780 570 Z")
    canvas.fill(dome, look.brand.base)
    with canvas.inside(dome):
        canvas.fill(path("M 620 320 C 700 400 730 480 730 580 L 800 580 L 800 320 Z"), SHADE)
        canvas.stroke(arc((500, 570), 220, 180, 200, 250), 18, alpha((255, 255, 255), 0.3))
    canvas.fill(ellipse(500, 570, 284, 40), darker(look.brand.base, 0.2))
    canvas.fill(ellipse(500, 572, 252, 29), lighter(_GLOW, 0.4))
    canvas.fill(ellipse(500, 590, 82, 52), (255, 244, 208))


def _bulb(canvas: Canvas, look: Look) -> None:
    canvas.shadow(500, 850, 200, 34)
    glow = 0.34 if look.form == "bulb" else 0.12
    canvas.fill(ellipse(500, 590, 310), alpha(look.accent, glow * 0.6))
    canvas.fill(ellipse(500, 590, 260), alpha(look.accent, glow))
    bulb = path(
        "M 430 400 C 420 440 330 480 330 610 C 330 720 400 800 500 800 "
        "C 600 800 670 720 670 610 C 670 480 580 440 570 400 Z"
    )
    canvas.fill(bulb, look.accent if look.form == "bulb" else (238, 234, 226))
    with canvas.inside(bulb):
        if look.form == "ceramic":
            for y in range(430, 800, 44):
                canvas.stroke(curve((310, y), (500, y + 34), (690, y)), 9, (212, 206, 194))
        canvas.fill(path("M 580 390 C 640 560 620 720 540 810 L 700 810 L 700 390 Z"), SHADE)
    canvas.stroke(curve((378, 600), (384, 540), (420, 500)), 20, alpha((255, 255, 255), 0.6))
    canvas.fill(box(430, 250, 570, 410, 16), STEEL)
    for y in (282, 322, 362):
        canvas.stroke(((426, y + 8), (574, y - 8)), 15, darker(STEEL, 0.2))
    canvas.fill(box(460, 222, 540, 258, 14), look.brand.ink)


def _tube(canvas: Canvas, look: Look) -> None:
    canvas.shadow(500, 800, 380, 40)
    with canvas.at(500, 540, 1, -14):
        canvas.fill(box(-400, -170, 400, 30, 60), alpha(look.accent, 0.25))
        canvas.fill(box(-370, -104, 370, -36, 32), (252, 250, 255))
        canvas.fill(box(-370, -64, 370, -36, 14), alpha(look.accent, 0.4))
        for x in (-390, 300):
            canvas.fill(box(x, -110, x + 90, -30, 18), STEEL)
        canvas.fill(box(-350, 90, 350, 190, 30), look.brand.base)
        canvas.fill(box(-350, 160, 350, 190, 15), SHADE)
        canvas.fill(box(-300, 116, -180, 160, 14), look.brand.second)
        canvas.fill(box(60, 128, 300, 144, 8), alpha(CREAM, 0.5))


def warmer(canvas: Canvas, look: Look) -> None:
    """A heat mat with its cord; ``dial`` is a thermostat."""
    canvas.shadow(500, 800, 340, 44)
    if look.form == "dial":
        canvas.stroke(curve((500, 780), (520, 850), (680, 840), (780, 780)), 14, INK)
        canvas.fill(box(270, 250, 730, 800, 70), look.brand.base)
        canvas.fill(box(640, 250, 730, 800, 60), SHADE)
        canvas.stroke(arc((500, 580), 150, 150, 140, 400), 22, lighter(look.brand.base, 0.3))
        canvas.stroke(arc((500, 580), 150, 150, 140, 300), 22, look.accent)
        canvas.fill(ellipse(500, 580, 108), CREAM)
        canvas.stroke(((500, 580), (556, 508)), 17, look.brand.ink)
        canvas.fill(box(360, 310, 640, 400, 20), (212, 224, 206))
        canvas.fill(box(400, 346, 560, 362, 8), look.brand.ink)
        return
    canvas.stroke(curve((780, 640), (880, 620), (860, 380), (760, 260)), 15, INK)
    mat = path("M 250 400 L 740 360 L 820 720 L 190 780 Z")
    canvas.fill(mat, look.brand.base)
    with canvas.inside(mat):
        for x in range(250, 800, 66):
            canvas.stroke(
                curve((x, 320), (x + 30, 500), (x - 10, 660), (x + 10, 820)), 14, look.accent
            )
    with canvas.at(0, -30):
        for x in (360, 500, 640):
            canvas.stroke(
                curve((x, 330), (x + 24, 290), (x - 14, 250), (x + 12, 200)),
                15,
                alpha(look.accent, 0.75),
            )
