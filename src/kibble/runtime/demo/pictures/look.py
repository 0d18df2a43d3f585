"""What a picture shows, and how its brand, flavour and animal appear on it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.emblems import EMBLEMS
from kibble.runtime.demo.pictures.geometry import Shape, arc, box, ellipse, path
from kibble.runtime.demo.pictures.motifs import MOTIFS
from kibble.runtime.demo.pictures.palette import (
    ACCENTS,
    BRANDS,
    CREAM,
    Brand,
    Colour,
    alpha,
    is_light,
    lighter,
    mix,
    rgb,
)
from kibble.runtime.demo.pictures.signs import SIGNS

SHADE = alpha((48, 30, 30), 0.10)
GLOSS = alpha((255, 252, 245), 0.20)


class PictureSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A picture in words; equal ones are the same drawing.

    ``kind`` names the thing, ``brand`` its colours, ``motif`` the animal on the label, ``accent``
    a flavour or a colour, ``form`` a variant of the kind (``large``, ``round``, ...).
    """

    kind: str
    brand: str
    motif: str = ""
    accent: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """A picture's parts, resolved to colours."""

    brand: Brand
    accent: Colour
    sign: str
    motif: str
    form: str

    @property
    def on_base(self) -> Colour:
        """The colour of print on the pack's own colour."""
        return self.brand.ink if is_light(self.brand.base) else CREAM

    @property
    def on_accent(self) -> Colour:
        """The colour of print on the accent."""
        return self.brand.ink if is_light(self.accent) else CREAM

    @property
    def paper(self) -> Colour:
        """The colour of the label."""
        pale = is_light(self.brand.base)
        return lighter(self.accent, 0.72) if pale else mix(CREAM, self.brand.base, 0.04)


def look_of(spec: PictureSpec) -> Look:
    """Return the look of ``spec``; raises ``KeyError`` for an unknown brand or accent."""
    brand = BRANDS[spec.brand]
    colour, flavour = ACCENTS[spec.accent] if spec.accent else ("", "")
    accent = rgb(colour) if colour else brand.second
    return Look(brand, accent, flavour, spec.motif, spec.form)


def emblem(canvas: Canvas, look: Look, x: float, y: float, scale: float) -> None:
    """Draw the brand's sign in the colour of print."""
    with canvas.at(x, y, scale):
        EMBLEMS[look.brand.emblem](canvas, look.on_base, look.brand.base)


def name(canvas: Canvas, x: float, y: float, width: float, colour: Colour) -> None:
    """Draw two lines that stand for a name and what it says below."""
    height = width * 0.085
    canvas.fill(box(x - width / 2, y, x + width / 2, y + height, height / 2), colour)
    small = width * 0.3
    below = y + height * 1.9
    line = box(x - small, below, x + small, below + height * 0.55, height * 0.3)
    canvas.fill(line, alpha(colour, 0.6))


def animal(canvas: Canvas, look: Look, x: float, y: float, scale: float) -> None:
    """Draw the motif on the label's paper; the brand's emblem when there is no motif."""
    with canvas.at(x, y, scale):
        drawing = MOTIFS.get(look.motif) or EMBLEMS[look.brand.emblem]
        drawing(canvas, look.brand.ink, mix(look.paper, look.accent, 0.3))


def flavour(canvas: Canvas, look: Look, x: float, y: float, scale: float) -> None:
    """Draw the flavour's sign on the accent; nothing when the accent is a mere colour."""
    if not look.sign:
        return
    with canvas.at(x, y, scale):
        drawing = SIGNS.get(look.sign) or MOTIFS[look.sign]
        drawing(canvas, look.on_accent, mix(look.accent, look.on_accent, 0.35))


def label(canvas: Canvas, look: Look, x: float, y: float, half: float) -> None:
    """Stick the brand's label, ``half`` wide to each side of (x, y), with the animal on it."""
    outline = _outline(look.brand.label, half)
    with canvas.at(x, y):
        canvas.fill(outline, look.paper)
        with canvas.inside(outline):
            rim = mix(look.paper, look.accent, 0.16)
            canvas.fill(ellipse(0, half * 1.25, half * 1.5, half * 0.8), rim)
    animal(canvas, look, x, y, half / 74)


def _outline(name_: str, half: float) -> Shape:
    return tuple((x * half, y * half) for x, y in _OUTLINES[name_])


_ARCH = (*arc((0, -0.1), 0.96, 0.96, 180, 360), (0.96, 1.0), (-0.96, 1.0))
_HEXAGON = ((0, -1.08), (0.97, -0.54), (0.97, 0.54), (0, 1.08), (-0.97, 0.54), (-0.97, -0.54))
_SHIELD = path(
    "M -0.92 -0.92 L 0.92 -0.92 L 0.92 0.1 C 0.92 0.6 0.44 0.92 0 1.08 "
    "C -0.44 0.92 -0.92 0.6 -0.92 0.1 Z"
)
_WAVE = path(
    "M -1 -0.92 L 1 -0.92 L 1 0.84 C 0.64 1.08 0.36 0.62 0 0.84 C -0.36 1.08 -0.64 0.62 -1 0.84 Z"
)
_OUTLINES: dict[str, Shape] = {
    "arch": _ARCH,
    "circle": ellipse(0, 0, 1),
    "hex": _HEXAGON,
    "oval": ellipse(0, 0, 1.12, 0.94),
    "plate": box(-1, -0.92, 1, 0.92, 0.14),
    "shield": _SHIELD,
    "tall": box(-0.9, -1.06, 0.9, 1.06, 0.62),
    "wave": _WAVE,
}
