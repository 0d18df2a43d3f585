"""Pictures of products."""

from __future__ import annotations

from kibble.kernel.clock import Clock
from kibble.kernel.errors import NotFound
from kibble.kernel.ids import IdSource, ProductId
from kibble.platform.persistence.changes import Outcome
from kibble.services.product.errors import UnknownProduct
from kibble.services.product.integration import ImageStore, Picture, PictureMaker
from kibble.services.product.model.product import Product
from kibble.services.product.repository.catalogue import Catalogue
from kibble.services.product.service.edition import Edition

PATH = "/images/"


class ImageService:
    """Takes pictures in, shows them with their product, and serves them."""

    def __init__(
        self,
        catalogue: Catalogue,
        maker: PictureMaker,
        store: ImageStore,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._catalogue = catalogue
        self._maker = maker
        self._store = store
        self._clock = clock
        self._ids = ids

    async def keep(self, content: bytes) -> Picture:
        """Make an upload safe and keep it; raises ``UnsupportedMedia``, ``TooLarge``.

        The same content makes the same picture, so that keeping it again changes nothing.
        """
        picture = await self._maker.make(content)
        for name, file in picture.files.items():
            await self._store.put(name, file)
        return picture

    async def product(self, product_id: ProductId) -> Product:
        """Return the product that a picture is meant for; raises ``UnknownProduct``."""
        product = (await self._catalogue.products([product_id])).get(product_id)
        if product is None:
            raise UnknownProduct(product_id)
        return product

    async def show(self, product_id: ProductId, picture: Picture) -> Outcome[Picture]:
        """Show a picture with a product, last; raises ``UnknownProduct``, ``TooManyImages``."""
        edition = Edition(self._catalogue, self._ids, self._clock.now())
        edition.add_image(await self.product(product_id), PATH + picture.name)
        return Outcome(picture, await edition.finish())

    async def put(self, name: str, content: bytes) -> str:
        """Keep a file that needs no making safe; return its address."""
        await self._store.put(name, content)
        return PATH + name

    async def file(self, name: str) -> bytes:
        """Return a picture's file; raises ``NotFound``."""
        content = await self._store.get(name)
        if content is None:
            raise NotFound("There is no such picture.", code="unknown-image")
        return content
