"""A label of 4 x 6 inches, drawn at the 203 dots an inch of label printers."""

from __future__ import annotations

from io import BytesIO
from textwrap import wrap

from PIL import Image, ImageDraw, ImageFont

from kibble.services.shipping.adapters.code128 import code128
from kibble.services.shipping.model.shipment import Shipment
from kibble.services.shipping.model.tariff import method_of

DOTS_PER_INCH = 203
SIZE = (4 * DOTS_PER_INCH, 6 * DOTS_PER_INCH)
MODULE_DOTS = 3
BARCODE_TOP, BARCODE_HEIGHT = 800, 220
MARGIN = 40
_BLACK, _WHITE = 0, 1
_SMALL, _MEDIUM, _LARGE = 24, 34, 60
_LINES, _LINE_LENGTH = 6, 34


def draw_label(carrier: str, shipment: Shipment, parcel: int) -> bytes:
    """Return the label of one parcel, counted from 0, as a PNG in black and white.

    Raises ``NoLabel`` when the shipment has none.
    """
    number = shipment.printable_label().tracking_number
    image = Image.new("1", SIZE, _WHITE)
    draw = ImageDraw.Draw(image)
    _write(draw, 40, _LARGE, f"{carrier} SANDBOX")
    _write(draw, 110, _MEDIUM, method_of(shipment.method).name.upper())
    _rule(draw, 170)
    grams = shipment.parcels[parcel].weight_grams
    _write(draw, 190, _SMALL, f"{grams / 1000:.2f} KG    {parcel + 1} OF {len(shipment.parcels)}")
    _write(draw, 225, _SMALL, f"ORDER {shipment.order_id}")
    _rule(draw, 275)
    _write(draw, 300, _SMALL, "SHIP TO")
    for line, text in enumerate(_address(shipment)):
        _write(draw, 345 + 55 * line, _MEDIUM, text)
    _rule(draw, 700)
    _write(draw, 730, _SMALL, f"TRACKING  {number}")
    _bars(draw, number)
    _write(draw, 1080, _SMALL, "NOT A REAL LABEL: NO CARRIER WILL TAKE IT")
    file = BytesIO()
    image.save(file, "PNG", dpi=(DOTS_PER_INCH, DOTS_PER_INCH), optimize=False)
    return file.getvalue()


def _address(shipment: Shipment) -> list[str]:
    to = shipment.address
    lines = [to.name, to.street, to.street2, f"{to.city}, {to.state} {to.zip_code}"]
    wrapped = [part for line in lines if line for part in wrap(line.upper(), _LINE_LENGTH)]
    return wrapped[:_LINES]


def _bars(draw: ImageDraw.ImageDraw, text: str) -> None:
    widths = code128(text)
    x = (SIZE[0] - sum(widths) * MODULE_DOTS) // 2
    for place, width in enumerate(widths):
        end = x + width * MODULE_DOTS
        if place % 2 == 0:
            box = (x, BARCODE_TOP, end - 1, BARCODE_TOP + BARCODE_HEIGHT)
            draw.rectangle(box, fill=_BLACK)
        x = end


def _write(draw: ImageDraw.ImageDraw, y: int, size: int, text: str) -> None:
    draw.text((MARGIN, y), text, fill=_BLACK, font=ImageFont.load_default(size))


def _rule(draw: ImageDraw.ImageDraw, y: int) -> None:
    draw.line((MARGIN, y, SIZE[0] - MARGIN, y), fill=_BLACK, width=4)
