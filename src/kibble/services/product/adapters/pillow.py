"""Pictures made safe with Pillow: decoded, and encoded anew, so that nothing else comes along."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Mapping

from PIL import Image, ImageOps

from kibble.kernel.errors import TooLarge, UnsupportedMedia
from kibble.services.product.integration import Picture

MAX_PIXELS = 25_000_000
"""A picture of so many pixels takes 100 MB while it is open; a small file can hold far more."""

WIDTHS = (200, 400, 800)
"""The longer side of the smaller pictures, in pixels."""

_SAVED_AS: Mapping[str, tuple[str, dict[str, int | bool]]] = {
    "JPEG": ("jpg", {"quality": 88, "optimize": True, "progressive": True}),
    "PNG": ("png", {"optimize": True}),
    "WEBP": ("webp", {"quality": 88}),
    "GIF": ("png", {"optimize": True}),
}
"""By what was uploaded: how the whole picture is kept. Of a GIF that is its first frame."""


def make(content: bytes) -> Picture:
    """Return the picture in ``content`` and its smaller ones; see ``PictureMaker.make``."""
    image, kind = _opened(content)
    extension, options = _SAVED_AS[kind]
    whole = _saved(image, "PNG" if kind == "GIF" else kind, options)
    stem = hashlib.blake2b(whole, digest_size=16).hexdigest()
    files = {f"{stem}.{extension}": whole}
    for width in WIDTHS:
        files[f"{stem}-{width}.webp"] = _saved(_shrunk(image, width), "WEBP", {"quality": 82})
    return Picture(f"{stem}.{extension}", image.width, image.height, files)


def _opened(content: bytes) -> tuple[Image.Image, str]:
    """Decode a picture, upright, in plain colours; only after its size was found bearable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we count ourselves
            image = Image.open(io.BytesIO(content), formats=tuple(_SAVED_AS))
        if image.width * image.height > MAX_PIXELS:
            raise _too_many_pixels()
        kind = str(image.format)
        image.load()
        upright = ImageOps.exif_transpose(image)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        raise UnsupportedMedia("The file is no JPEG, PNG, WebP or GIF picture.") from error
    transparent = upright.has_transparency_data and kind != "JPEG"
    return _bare(upright.convert("RGBA" if transparent else "RGB")), kind


def _bare(image: Image.Image) -> Image.Image:
    """Return the pixels alone: no EXIF, no colour profile, no text."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return small


def _saved(image: Image.Image, kind: str, options: Mapping[str, int | bool]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _too_many_pixels() -> TooLarge:
    return TooLarge(f"The picture may have {MAX_PIXELS:,} pixels at most.")
