"""The tree of categories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kibble.kernel.errors import FieldError, InvalidInput
from kibble.kernel.ids import CategoryId
from kibble.services.product.errors import CategoryInUse, CategoryNameTaken, UnknownCategory
from kibble.services.product.model.fields import MAX_CATEGORY, check_line
from kibble.services.product.model.product import CategoryRef

MAX_DEPTH = 12


@dataclass(slots=True)
class Category:
    """A place for products; ``name`` is unique, ``parent_id`` None at the root."""

    id: CategoryId
    name: str
    parent_id: CategoryId | None = None
    version: int = 0

    @property
    def ref(self) -> CategoryRef:
        """The category as a product names it."""
        return CategoryRef(self.id, self.name)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category, and how many products stand right in it; variants are not counted."""

    category: Category
    products: int


class CategoryTree:
    """All categories, as they are now."""

    def __init__(self, shelves: Iterable[Shelf]) -> None:
        self._shelves = {shelf.category.id: shelf for shelf in shelves}
        self._by_name = {shelf.category.name: shelf.category for shelf in self._shelves.values()}
        self._children: dict[CategoryId | None, list[Category]] = {}
        for category in sorted(self._by_name.values(), key=lambda category: category.name):
            self._children.setdefault(category.parent_id, []).append(category)

    def get(self, category_id: CategoryId) -> Category:
        """Return a category; raises ``UnknownCategory``."""
        shelf = self._shelves.get(category_id)
        if shelf is None:
            raise UnknownCategory(category_id)
        return shelf.category

    def named(self, name: str) -> Category | None:
        """Return the category of a name."""
        return self._by_name.get(name)

    def children(self, category_id: CategoryId | None) -> Sequence[Category]:
        """Return what stands right below a category, or at the root, by name."""
        return self._children.get(category_id, ())

    def path(self, category_id: CategoryId) -> tuple[str, ...]:
        """Return the names from the root down to a category."""
        return tuple(reversed([category.name for category in self._upwards(category_id)]))

    def count(self, category_id: CategoryId) -> int:
        """Return how many products stand in a category and all below it."""
        below = sum(self.count(child.id) for child in self.children(category_id))
        return self._shelves[category_id].products + below

    def check_place(self, category: Category, name: str, parent_id: CategoryId | None) -> None:
        """Raise when ``category`` cannot have this name and place.

        ``InvalidInput`` for a blank or long name, an unknown parent, one that is the category
        itself or below it, or too deep a tree; ``CategoryNameTaken``.
        """
        errors = [*check_line(name, "/name", MAX_CATEGORY)]
        if parent_id is not None:
            errors += self._check_parent(category, parent_id)
        if errors:
            raise InvalidInput(errors)
        other = self._by_name.get(name)
        if other is not None and other.id != category.id:
            raise CategoryNameTaken(name, other.id)

    def _check_parent(self, category: Category, parent_id: CategoryId) -> Iterator[FieldError]:
        if parent_id not in self._shelves:
            yield FieldError("/parentId", "there is no such category")
            return
        above = [parent.id for parent in self._upwards(parent_id)]
        if category.id in above:
            yield FieldError("/parentId", "is the category itself or stands below it")
        elif len(above) + self._height(category.id) > MAX_DEPTH:
            yield FieldError("/parentId", f"the tree may be {MAX_DEPTH} deep at most")

    def check_empty(self, category_id: CategoryId) -> None:
        """Raise ``CategoryInUse`` when products or categories stand in a category."""
        products = self._shelves[category_id].products
        children = len(self.children(category_id))
        if products or children:
            raise CategoryInUse(products, children)

    def _upwards(self, category_id: CategoryId) -> Iterator[Category]:
        """Yield a category and all above it, the root last."""
        current: CategoryId | None = category_id
        while current is not None:
            category = self._shelves[current].category
            yield category
            current = category.parent_id

    def _height(self, category_id: CategoryId) -> int:
        """Return how many levels a category and what is below it take."""
        return 1 + max((self._height(child.id) for child in self.children(category_id)), default=0)
