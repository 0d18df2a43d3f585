"""Categories as the API takes and answers them."""

from __future__ import annotations

from typing import Self

from kibble.kernel.ids import CategoryId
from kibble.services.product.model.category import Category, CategoryTree
from kibble.services.product.schemas.base import Answer, Request
from kibble.services.product.schemas.products import CategoryName


class NewCategory(Request, frozen=True):
    """A category, whole; without ``parentId`` it stands at the root."""

    name: CategoryName
    parent_id: str | None = None

    @property
    def parent(self) -> CategoryId | None:
        """The category that it stands below."""
        return CategoryId(self.parent_id.lower()) if self.parent_id is not None else None


class CategoryView(Answer, frozen=True):
    """A category with those below it; ``productCount`` counts their products too."""

    id: str
    name: str
    parent_id: str | None
    product_count: int
    children: list[CategoryView]

    @classmethod
    def of(cls, category: Category, tree: CategoryTree) -> Self:
        """Return the view of a category in its tree."""
        children = [cls.of(child, tree) for child in tree.children(category.id)]
        return cls(
            id=category.id,
            name=category.name,
            parent_id=category.parent_id,
            product_count=tree.count(category.id),
            children=[*children],
        )

    @classmethod
    def new(cls, category: Category) -> Self:
        """Return the view of a category in which nothing stands yet."""
        return cls(
            id=category.id,
            name=category.name,
            parent_id=category.parent_id,
            product_count=0,
            children=[],
        )
