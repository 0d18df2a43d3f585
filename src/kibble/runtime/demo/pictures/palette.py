"""The colours of the brands, of the flavours and of things, and how a brand labels its packs."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int] | tuple[int, int, int, int]

PAPER: Colour = (246, 241, 232)
CREAM: Colour = (252, 248, 240)
INK: Colour = (62, 52, 46)
WOOD: Colour = (203, 160, 108)
STEEL: Colour = (186, 193, 197)
GLASS: Colour = (214, 232, 236)
WATER: Colour = (154, 207, 216)
LEAF: Colour = (112, 153, 92)


def rgb(text: str) -> Colour:
    """Return the colour of six hexadecimal digits."""
    return (int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16))


def alpha(colour: Colour, opacity: float) -> Colour:
    """Return ``colour`` as a glaze; ``opacity`` is 0 to 1."""
    return (*colour[:3], round(255 * opacity))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return ``one`` with a ``share`` of ``other`` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one[:3], other[:3], strict=True))
    return (red, green, blue)


def darker(colour: Colour, share: float = 0.16) -> Colour:
    """Return ``colour`` in shade: towards a warm dark, never to grey."""
    return mix(colour, (48, 30, 30), share)


def lighter(colour: Colour, share: float = 0.3) -> Colour:
    """Return ``colour`` in light."""
    return mix(colour, (255, 250, 240), share)


def is_light(colour: Colour) -> bool:
    """Tell whether dark ink reads better on ``colour`` than light paper."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] > 165


@dataclass(frozen=True, slots=True)
class Brand:
    """How a brand looks: pack colour, second colour, dark ink, label outline and emblem."""

    base: Colour
    second: Colour
    ink: Colour
    label: str
    emblem: str


def _brand(base: str, second: str, ink: str, label: str, emblem: str) -> Brand:
    return Brand(rgb(base), rgb(second), rgb(ink), label, emblem)


BRANDS = {
    "barrow-oat": _brand("D3A35C", "F4E6C8", "5C3D22", "arch", "wheat"),
    "basilisk-fern": _brand("3B7459", "E9C15B", "1F3D31", "circle", "leaf"),
    "brackenridge": _brand("566F56", "DD8049", "2C3A2F", "shield", "peak"),
    "calderwick": _brand("EEF1F5", "4A61A0", "2A376B", "plate", "cross"),
    "dunemere": _brand("DDC39A", "2F7482", "27505C", "wave", "dune"),
    "ember-ledge": _brand("4A3C37", "F0764A", "2E2422", "plate", "flame"),
    "gnawbeck": _brand("9C5732", "F2C995", "4A2817", "circle", "bone"),
    "grangefield": _brand("B9503F", "F6E3C5", "5A241D", "plate", "barn"),
    "larch-tallow": _brand("4C5B47", "DCCDA6", "293227", "tall", "tree"),
    "lumenreef": _brand("27405F", "FF9474", "1B2C44", "circle", "sun"),
    "marlowes-pantry": _brand("6A3A4C", "EBBC5C", "3C1F2B", "oval", "star"),
    "ninefold": _brand("F4EBE1", "C7617F", "6F2C45", "hex", "dots"),
    "norrvik": _brand("2F5D78", "C5DEE2", "1C3B4F", "circle", "peak"),
    "pellwick": _brand("93AF66", "F7EDCF", "475A2D", "arch", "leaf"),
    "pip-thistle": _brand("9686BC", "F6CFC8", "4B3D70", "circle", "thistle"),
    "plainfare": _brand("EDE7DB", "5B87A3", "37505F", "plate", "dot"),
    "quillfeather": _brand("EBC355", "3E7C6B", "2B4F45", "oval", "feather"),
    "rumpus-yard": _brand("F1A54A", "2F8E9B", "7A3B1D", "shield", "star"),
    "settle-stay": _brand("8496A1", "EBDCC7", "3D4A54", "arch", "house"),
    "tidewren": _brand("3593A0", "F8DFAD", "1C525B", "wave", "drop"),
    "tumblehay": _brand("DFBD70", "B9633F", "66401F", "arch", "sun"),
    "velvet-sill": _brand("AE6075", "F3DDD3", "5A2B3A", "tall", "moon"),
    "verabridge": _brand("F5F4EE", "3B8B90", "215559", "plate", "cross"),
    "wend-willow": _brand("88A993", "F6EFE2", "3F5A4A", "tall", "leaf"),
}

ACCENTS = {
    "chicken": ("EDB955", "drumstick"),
    "turkey": ("C08A58", "drumstick"),
    "duck": ("4E8B7F", "drumstick"),
    "quail": ("A98B6D", "drumstick"),
    "beef": ("A9463C", "steak"),
    "bison": ("7D4A3A", "steak"),
    "lamb": ("8C9A66", "steak"),
    "pork": ("D98C86", "steak"),
    "venison": ("75513F", "steak"),
    "rabbit": ("B79A7B", "steak"),
    "liver": ("8E3F44", "steak"),
    "bacon": ("C9634F", "steak"),
    "salmon": ("F09578", "fish"),
    "tuna": ("4B83B3", "fish"),
    "whitefish": ("8DB9C8", "fish"),
    "sardine": ("7495A8", "fish"),
    "shrimp": ("F3A68F", "fish"),
    "krill": ("E77F66", "fish"),
    "pumpkin": ("E48A3F", "carrot"),
    "carrot": ("EB8F45", "carrot"),
    "sweet potato": ("D9773D", "carrot"),
    "vegetable": ("7FA75B", "leaf"),
    "herb": ("6F9C63", "leaf"),
    "mint": ("79BFA2", "leaf"),
    "catnip": ("86AE6B", "leaf"),
    "algae": ("4F8F5F", "leaf"),
    "timothy": ("A6B368", "wheat"),
    "orchard grass": ("88A65E", "wheat"),
    "alfalfa": ("5F9152", "wheat"),
    "oat": ("D8B26A", "wheat"),
    "millet": ("E3BE5F", "wheat"),
    "seed": ("C59B54", "wheat"),
    "peanut butter": ("C9904F", "peanut"),
    "coconut": ("D9C6A5", "berry"),
    "honey": ("EAAE3C", "drop"),
    "cheese": ("F4CC5C", "cheese"),
    "milk": ("BFD3E3", "drop"),
    "apple": ("C75B4C", "berry"),
    "berry": ("8B5A94", "berry"),
    "banana": ("F2D368", "berry"),
    "fruit": ("E5766A", "berry"),
    "insect": ("9A8345", "wheat"),
    "red": ("C9524B", ""),
    "coral": ("EE8B74", ""),
    "orange": ("E88C3F", ""),
    "yellow": ("F0C54C", ""),
    "green": ("6FA069", ""),
    "moss": ("66754A", ""),
    "sage": ("9DB39A", ""),
    "teal": ("3C8F93", ""),
    "blue": ("4A7FB0", ""),
    "navy": ("34496B", ""),
    "lavender": ("A493C7", ""),
    "plum": ("84506F", ""),
    "pink": ("EBA6AB", ""),
    "grey": ("9AA0A3", ""),
    "charcoal": ("55575A", ""),
    "black": ("44403F", ""),
    "white": ("F1ECE2", ""),
    "cream": ("E9DBC0", ""),
    "sand": ("D9BF93", ""),
    "tan": ("C4986A", ""),
    "brown": ("8A6142", ""),
    "steel": ("B4BCC1", ""),
}
"""The colour of a flavour or a thing, and the small sign that stands for the flavour."""
