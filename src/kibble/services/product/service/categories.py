"""The tree of categories."""

from __future__ import annotations

from collections.abc import Callable

from kibble.kernel.clock import Clock
from kibble.kernel.ids import CategoryId, IdSource
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.product.model.category import Category, CategoryTree
from kibble.services.product.repository.catalogue import Catalogue
from kibble.services.product.service.edition import Edition


class CategoryService:
    """Keeps categories. What it returns is the tree before, and the category after the change."""

    def __init__(self, catalogue: Catalogue, clock: Clock, ids: IdSource) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._ids = ids

    async def tree(self) -> CategoryTree:
        """Return all categories with the numbers of their products."""
        return await self._catalogue.categories()

    async def create(self, name: str, parent_id: CategoryId | None) -> Outcome[Category]:
        """Add a category; raises ``InvalidInput``, ``CategoryNameTaken``."""
        tree = await self.tree()
        category = Category(CategoryId(self._ids.new()), name, parent_id)
        tree.check_place(category, name, parent_id)
        changes = Changes()
        changes.save(category)
        return Outcome(category, changes)

    async def change(
        self,
        category_id: CategoryId,
        name: str,
        parent_id: CategoryId | None,
        check_version: Callable[[int], None],
    ) -> Outcome[CategoryTree]:
        """Rename or move a category; its products follow, each with its event.

        Raises ``UnknownCategory``, ``InvalidInput``, ``CategoryNameTaken``, and what
        ``check_version`` raises.
        """
        tree = await self.tree()
        category = tree.get(category_id)
        check_version(category.version)
        tree.check_place(category, name, parent_id)
        renamed = name != category.name
        if not renamed and parent_id == category.parent_id:
            return Outcome(tree, Changes())
        category.name, category.parent_id = name, parent_id
        changes = await self._products_follow(category) if renamed else Changes()
        changes.save(category)
        return Outcome(tree, changes)

    async def _products_follow(self, category: Category) -> Changes:
        edition = Edition(self._catalogue, self._ids, self._clock.now())
        products = await self._catalogue.in_category(category.id)
        edition.load(products)
        for product in products:
            edition.revise(product, {}, category.ref)
        return await edition.finish()

    async def delete(
        self, category_id: CategoryId, check_version: Callable[[int], None]
    ) -> Outcome[None]:
        """Delete an empty category; raises ``UnknownCategory``, ``CategoryInUse``."""
        tree = await self.tree()
        category = tree.get(category_id)
        check_version(category.version)
        tree.check_empty(category_id)
        changes = Changes()
        changes.remove(category)
        return Outcome(None, changes)
