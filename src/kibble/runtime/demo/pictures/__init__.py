"""Pictures of the demo shop's products, drawn from a few words each."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

from PIL import Image

from kibble.runtime.demo.pictures import (
    beds,
    birds,
    bowls,
    burrows,
    cat_toys,
    cats,
    chews,
    crates,
    grooming,
    lamps,
    packs,
    pharmacy,
    tanks,
    terraria,
    toys,
    walks,
    water,
)
from kibble.runtime.demo.pictures.canvas import Canvas
from kibble.runtime.demo.pictures.geometry import ellipse
from kibble.runtime.demo.pictures.look import Look, PictureSpec, look_of
from kibble.runtime.demo.pictures.palette import PAPER, Colour, mix

__all__ = ["KINDS", "MASTER_SIZE", "PictureSpec", "draw", "render"]

MASTER_SIZE = 800
"""Pixels a side of a product's picture; smaller ones can be drawn as well as shrunk."""

_QUALITY = 82
_EFFORT = 2
"""WebP's method: above 2 the file is 8 % smaller for twice the CPU."""

_PALE = 185

Drawing = Callable[[Canvas, Look], None]

KINDS: Mapping[str, Drawing] = {
    "aquarium": tanks.aquarium,
    "aquarium-filter": water.filter_,
    "aquarium-light": water.light,
    "bag": packs.bag,
    "ball": toys.ball,
    "bandage": pharmacy.bandage,
    "bed": beds.bed,
    "bells": walks.bells,
    "bird-feeder": birds.bird_feeder,
    "block": burrows.block,
    "bottle": pharmacy.bottle,
    "bowl": bowls.bowl,
    "box": packs.box_pack,
    "brush": grooming.brush,
    "bundle": packs.bundle,
    "cage": birds.cage,
    "can": packs.can,
    "carrier": crates.carrier,
    "cat-tree": cats.tree,
    "chew": chews.chew,
    "clicker": walks.clicker,
    "coat": walks.coat,
    "collar": walks.collar,
    "cone": pharmacy.cone,
    "crate": crates.crate,
    "disc": toys.disc,
    "dropper": pharmacy.dropper,
    "dust-bath": burrows.dust,
    "feeder": bowls.feeder,
    "first-aid": pharmacy.first_aid,
    "fountain": bowls.fountain,
    "habitat": burrows.habitat,
    "hanging-toy": birds.hanging_toy,
    "harness": walks.harness,
    "hay": burrows.hay,
    "heater": water.heater,
    "hide": burrows.hide,
    "insects": terraria.insects,
    "jar": packs.jar,
    "kicker": cat_toys.kicker,
    "lamp": lamps.lamp,
    "leash": walks.leash,
    "litter": cats.litter,
    "litter-box": cats.litter_box,
    "mouse": cat_toys.mouse,
    "net": water.net,
    "ornament": tanks.ornament,
    "perch": birds.perch,
    "pills": pharmacy.pills,
    "pipettes": pharmacy.pipettes,
    "plush": toys.plush,
    "pouch": packs.pouch,
    "puzzle": toys.puzzle,
    "ring": toys.ring,
    "rock": terraria.rock,
    "rope": toys.rope,
    "scoop": cats.scoop,
    "scratcher": cats.scratcher,
    "scratching-post": cats.post,
    "seed-bag": packs.seed_bag,
    "seed-spray": birds.spray,
    "spring": cat_toys.spring,
    "tablets": pharmacy.tablets,
    "tag": walks.tag,
    "terrarium": terraria.terrarium,
    "test-kit": water.test_kit,
    "torch": cat_toys.torch,
    "towel": grooming.towel,
    "track": cat_toys.track,
    "tray": packs.tray,
    "tub": packs.tub,
    "tube": pharmacy.tube,
    "tunnel": cat_toys.tunnel,
    "wand": cat_toys.wand,
    "warmer": lamps.warmer,
    "waste-bags": walks.bags,
    "water-bottle": burrows.water_bottle,
    "wheel": burrows.wheel,
    "window-perch": cats.window_perch,
    "wipes": grooming.wipes,
}
"""What can be drawn."""


def draw(picture: PictureSpec, size: int) -> Image.Image:
    """Draw ``picture``, ``size`` pixels a side.

    Raises ``KeyError`` for an unknown kind, brand or accent.
    """
    look = look_of(picture)
    canvas = Canvas(size, PAPER)
    canvas.fill(ellipse(500, 490, 420), _backdrop(look))
    KINDS[picture.kind](canvas, look)
    return canvas.finish()


def _backdrop(look: Look) -> Colour:
    """Return a tint of the accent; of sand when the accent would vanish on paper."""
    pale = min(look.accent[:3]) > _PALE
    return mix(PAPER, (176, 140, 98) if pale else look.accent, 0.2 if pale else 0.15)


def render(picture: PictureSpec, size: int = MASTER_SIZE) -> bytes:
    """Draw ``picture`` as a WebP file; products whose pictures are equal can share it."""
    file = io.BytesIO()
    draw(picture, size).save(file, "WEBP", quality=_QUALITY, method=_EFFORT)
    return file.getvalue()
