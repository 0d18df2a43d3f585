"""Pictures over HTTP."""

from __future__ import annotations

from kibble.kernel.errors import TooLarge
from kibble.kernel.ids import ProductId
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, created
from kibble.platform.web.route import ANYONE, Route, get, upload
from kibble.services.product.controller.products import WRITE
from kibble.services.product.controller.uploads import FORM, upload_of
from kibble.services.product.schemas.images import ImageView
from kibble.services.product.service.images import PATH, ImageService

MAX_BYTES = 10 << 20
FORM_BYTES = 64 << 10
"""What a form may have around its file."""

FOR_EVER = "public, max-age=31536000, immutable"
"""A picture's name stands for its content (RFC 8246)."""

_MEDIA = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
}


GIVES = tuple(dict.fromkeys(_MEDIA.values()))


class ImageController:
    """One method a route."""

    def __init__(self, service: ImageService, store: Store) -> None:
        self._service = service
        self._store = store

    async def add_image(self, call: Call[None, None]) -> Reply:
        """POST /api/products/{productId}/images."""
        product_id = ProductId(call.id("productId"))
        await self._service.product(product_id)
        content = (await upload_of(call)).content
        if len(content) > MAX_BYTES:
            raise TooLarge(f"A picture may have {MAX_BYTES:,} bytes at most.")
        picture = await self._service.keep(content)
        view = ImageView.of(picture)
        return await call.transact(
            self._store,
            lambda: self._service.show(product_id, picture),
            lambda _: created(view, view.url),
        )

    async def get_image(self, call: Call[None, None]) -> Reply:
        """GET /images/{name}."""
        name = call.path["name"]
        content = await self._service.file(name)
        media = _MEDIA.get(name.rpartition(".")[2], "application/octet-stream")
        headers = {"content-type": media, "cache-control": FOR_EVER, "etag": f'"{name}"'}
        return Reply(content, headers=headers)


def routes(controller: ImageController) -> list[Route]:
    """Return the table of pictures."""
    c = controller
    return [
        upload(
            "/api/products/{productId}/images",
            c.add_image,
            "Add a picture to a product",
            WRITE,
            takes=(FORM,),
            max_bytes=MAX_BYTES + FORM_BYTES,
            answer=ImageView,
        ),
        get(f"{PATH}{{name}}", c.get_image, "A picture", ANYONE, cached=True, gives=GIVES),
    ]
