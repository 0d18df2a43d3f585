"""Categories over HTTP."""

from __future__ import annotations

from kibble.kernel.ids import CategoryId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, created, listed, no_content, ok
from kibble.platform.web.route import ANYONE, Route, get, write
from kibble.services.product.controller.products import WRITE
from kibble.services.product.model.category import Category, CategoryTree
from kibble.services.product.schemas.categories import CategoryView, NewCategory
from kibble.services.product.service.categories import CategoryService

PATH = "/api/categories"


class CategoryController:
    """One method a route."""

    def __init__(self, service: CategoryService, store: Store) -> None:
        self._service = service
        self._store = store

    async def list_categories(self, call: Call[None, None]) -> Reply:
        """GET /api/categories: the tree, each category with those below it."""
        tree = await self._service.tree()
        page = Page(tree.children(None))
        return listed(page, lambda category: CategoryView.of(category, tree), call.next_url)

    async def get_category(self, call: Call[None, None]) -> Reply:
        """GET /api/categories/{categoryId}."""
        category_id = CategoryId(call.id("categoryId"))
        return _shown(await self._service.tree(), category_id)

    async def create_category(self, call: Call[NewCategory, None]) -> Reply:
        """POST /api/categories."""
        body = call.body
        return await call.transact(
            self._store, lambda: self._service.create(body.name.strip(), body.parent), _created
        )

    async def change_category(self, call: Call[NewCategory, None]) -> Reply:
        """PUT /api/categories/{categoryId}."""
        category_id = CategoryId(call.id("categoryId"))
        body = call.body
        return await call.transact(
            self._store,
            lambda: self._service.change(
                category_id, body.name.strip(), body.parent, call.require_version
            ),
            lambda tree: _shown(tree, category_id),
        )

    async def delete_category(self, call: Call[None, None]) -> Reply:
        """DELETE /api/categories/{categoryId}."""
        category_id = CategoryId(call.id("categoryId"))
        return await call.transact(
            self._store,
            lambda: self._service.delete(category_id, call.require_version),
            lambda _: no_content(),
        )


def _shown(tree: CategoryTree, category_id: CategoryId) -> Reply:
    category = tree.get(category_id)
    return ok(CategoryView.of(category, tree), etag=str(category.version))


def _created(category: Category) -> Reply:
    location = f"{PATH}/{category.id}"
    return created(CategoryView.new(category), location, etag=str(category.version))


def routes(controller: CategoryController) -> list[Route]:
    """Return the table of categories."""
    c = controller
    one = f"{PATH}/{{categoryId}}"
    view = CategoryView
    return [
        get(
            PATH,
            c.list_categories,
            "The tree of categories, with the numbers of their products",
            ANYONE,
            answer=list[CategoryView],
            cached=True,
        ),
        get(one, c.get_category, "A category and those below it", ANYONE, answer=view),
        write(
            "POST",
            PATH,
            c.create_category,
            "Add a category",
            WRITE,
            body=NewCategory,
            answer=view,
            status=201,
        ),
        write(
            "PUT",
            one,
            c.change_category,
            "Rename or move a category",
            WRITE,
            body=NewCategory,
            answer=view,
            conditional=True,
        ),
        write(
            "DELETE",
            one,
            c.delete_category,
            "Delete an empty category",
            WRITE,
            status=204,
            conditional=True,
        ),
    ]
