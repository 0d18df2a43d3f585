"""What can go wrong in Product."""

from __future__ import annotations

from collections.abc import Sequence

from kibble.kernel.errors import Conflict, NotFound, RuleViolated, Unavailable
from kibble.kernel.ids import CategoryId, ProductId


class UnknownProduct(NotFound):
    """There is no such product."""

    code = "unknown-product"

    def __init__(self, product_id: ProductId) -> None:
        super().__init__("There is no such product.", details={"productId": product_id})


class NoSale(NotFound):
    """The product has no sale, on or planned."""

    code = "no-sale"

    def __init__(self, product_id: ProductId) -> None:
        super().__init__("The product has no sale.", details={"productId": product_id})


class UnknownCategory(NotFound):
    """There is no such category."""

    code = "unknown-category"

    def __init__(self, category_id: CategoryId) -> None:
        super().__init__("There is no such category.", details={"categoryId": category_id})


class UnknownImport(NotFound):
    """There is no such import."""

    code = "unknown-import"

    def __init__(self, import_id: str) -> None:
        super().__init__("There is no such import.", details={"importId": import_id})


class SkuTaken(Conflict):
    """Another product has the SKU."""

    code = "sku-taken"

    def __init__(self, sku: str, product_id: ProductId) -> None:
        super().__init__(
            f"Another product has the SKU {sku}.", details={"sku": sku, "productId": product_id}
        )


class CategoryNameTaken(Conflict):
    """Another category has the name."""

    code = "category-name-taken"

    def __init__(self, name: str, category_id: CategoryId) -> None:
        super().__init__(
            f"There is a category {name} already.", details={"categoryId": category_id}
        )


class CategoryInUse(Conflict):
    """The category has products or other categories in it."""

    code = "category-in-use"

    def __init__(self, products: int, children: int) -> None:
        super().__init__(
            f"The category has {products} products and {children} categories in it.",
            details={"products": products, "children": children},
        )


class PartOfBundle(Conflict):
    """The product is a component of bundles, which need it."""

    code = "part-of-bundle"

    def __init__(self, bundles: Sequence[ProductId]) -> None:
        super().__init__(
            "The product is a component of a bundle; delete the bundle first.",
            details={"bundles": list(bundles)},
        )


class LastVariant(Conflict):
    """A configurable product keeps one variant at least."""

    code = "last-variant"

    def __init__(self, parent_id: ProductId) -> None:
        super().__init__(
            "It is the last variant; delete the configurable product instead.",
            details={"productId": parent_id},
        )


class ReviewedAlready(Conflict):
    """The customer has reviewed the product before."""

    code = "reviewed-already"

    def __init__(self, review_id: str) -> None:
        super().__init__("You have reviewed this product.", details={"reviewId": review_id})


class PricedByVariants(RuleViolated):
    """A configurable product is bought as one of its variants, which have sales of their own."""

    code = "priced-by-variants"

    def __init__(self, product_id: ProductId) -> None:
        super().__init__(
            "It is bought as one of its variants; plan a sale for those.",
            details={"productId": product_id},
        )


class TooManyImages(RuleViolated):
    """The product has as many pictures as it may have."""

    code = "too-many-images"


class FeedBroken(RuleViolated):
    """A feed cannot be read on from some row; what came before it is in the catalogue."""

    code = "feed-broken"


class IndexBusy(Unavailable):
    """Another process writes the search index just now."""

    code = "search-index-busy"

    def __init__(self) -> None:
        super().__init__("Another process writes the search index.")
