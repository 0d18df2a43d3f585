"""Product's tables in an archive, whatever engine keeps them.

A product's attributes, structure and sale are JSON texts: the order of their names is the shop's.
"""

from __future__ import annotations

from kibble.platform.persistence.archive import MESSAGING, shape

CATEGORIES = shape("categories", "id", text="id name parent_id", integer="products version")
PRODUCTS = shape(
    "products",
    "id",
    text=(
        "id sku kind parent_id name description category_id currency attributes structure"
        " created_at updated_at sale sale_due"
    ),
    integer="price version",
    json="tags images past_prices",
)
BUNDLE_COMPONENTS = shape(
    "bundle_components",
    "bundle_id component_id",
    text="bundle_id component_id",
    integer="quantity",
)
STANDINGS = shape(
    "standings",
    "product_id",
    text="product_id",
    integer="available stock_sequence rating_total review_count popularity version",
)
REVIEWS = shape(
    "reviews",
    "id",
    text="id product_id customer_id title text created_at",
    integer="rating version",
    boolean="verified",
)
PURCHASES = shape("purchases", "product_id customer_id", text="product_id customer_id")
IMPORTS = shape(
    "imports",
    "id",
    text="id name digest created_at status reason started_at finished_at",
    integer="size_bytes report_bytes version",
    json="tally ignored",
    boolean="dry_run",
)
FEED_STOCK = shape(
    "feed_stock", "product_id warehouse", text="product_id warehouse", integer="on_hand"
)

# SQLite counts a category's products whenever one comes, so its categories come after them.
SQLITE_SHAPES = (
    PRODUCTS,
    CATEGORIES,
    BUNDLE_COMPONENTS,
    STANDINGS,
    REVIEWS,
    PURCHASES,
    IMPORTS,
    FEED_STOCK,
    *MESSAGING,
)
# MongoDB keeps the name of its category in each product, so its categories come first.
MONGODB_SHAPES = (CATEGORIES, PRODUCTS, *SQLITE_SHAPES[2:])

SQLITE_LEFT_OUT = frozenset({"catalogue_feed"})
SQLITE_DERIVED = ("INSERT INTO catalogue_feed (product_id) SELECT id FROM products ORDER BY id",)
"""Everything is new to the search index, which is built anew."""
