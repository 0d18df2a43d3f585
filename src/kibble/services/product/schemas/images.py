"""Pictures as the API answers them."""

from __future__ import annotations

from typing import Self

from kibble.services.product.integration import Picture
from kibble.services.product.schemas.base import Answer
from kibble.services.product.service.images import PATH


class ImageView(Answer, frozen=True):
    """A picture: its address, its size in pixels, and smaller ones by their longer side."""

    url: str
    width: int
    height: int
    renditions: dict[str, str]

    @classmethod
    def of(cls, picture: Picture) -> Self:
        """Return the view of a picture."""
        smaller = {
            name.rpartition("-")[2].partition(".")[0]: PATH + name
            for name in picture.files
            if name != picture.name
        }
        return cls(
            url=PATH + picture.name,
            width=picture.width,
            height=picture.height,
            renditions=smaller,
        )
