CREATE TABLE categories (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    parent_id TEXT REFERENCES categories (id),
    products INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX categories_by_parent ON categories (parent_id);

-- tags and images are JSON arrays, attributes an object; structure is what the kind needs: the options
-- and price rules of a configurable product, the choices of a variant, the contents of a bundle.
CREATE TABLE products (
    id TEXT PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('simple', 'configurable', 'variant', 'bundle')),
    parent_id TEXT REFERENCES products (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    category_id TEXT NOT NULL REFERENCES categories (id),
    price INTEGER NOT NULL CHECK (price >= 0),
    currency TEXT NOT NULL,
    tags TEXT NOT NULL,
    attributes TEXT NOT NULL,
    images TEXT NOT NULL,
    structure TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
);
CREATE INDEX products_by_category ON products (category_id);
CREATE INDEX products_by_parent ON products (parent_id) WHERE parent_id IS NOT NULL;

-- How many products stand in each category; a configurable product's variants are one with it.
CREATE TRIGGER product_added AFTER INSERT ON products WHEN new.parent_id IS NULL BEGIN
    UPDATE categories SET products = products + 1 WHERE id = new.category_id;
END;
CREATE TRIGGER product_removed AFTER DELETE ON products WHEN old.parent_id IS NULL BEGIN
    UPDATE categories SET products = products - 1 WHERE id = old.category_id;
END;
CREATE TRIGGER product_moved AFTER UPDATE OF category_id ON products
WHEN new.parent_id IS NULL AND new.category_id != old.category_id BEGIN
    UPDATE categories SET products = products - 1 WHERE id = old.category_id;
    UPDATE categories SET products = products + 1 WHERE id = new.category_id;
END;

CREATE TABLE bundle_components (
    bundle_id TEXT NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    component_id TEXT NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (bundle_id, component_id)
) WITHOUT ROWID;
CREATE INDEX bundles_by_component ON bundle_components (component_id);

-- What events and reviews say of a product; no row is all zero.
CREATE TABLE standings (
    product_id TEXT PRIMARY KEY REFERENCES products (id) ON DELETE CASCADE,
    available INTEGER NOT NULL,
    stock_sequence INTEGER NOT NULL,
    rating_total INTEGER NOT NULL,
    review_count INTEGER NOT NULL,
    popularity INTEGER NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;

-- What changed, for whoever keeps a copy (the search index): each product once, at its last change.
-- A product that is not there any more was deleted.
CREATE TABLE catalogue_feed (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id TEXT NOT NULL UNIQUE
);

CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    product_id TEXT NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    customer_id TEXT,
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at TEXT NOT NULL,
    verified INTEGER NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (product_id, customer_id)
);
CREATE INDEX reviews_by_customer ON reviews (customer_id);

CREATE TABLE purchases (
    product_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    PRIMARY KEY (product_id, customer_id)
) WITHOUT ROWID;
CREATE INDEX purchases_by_customer ON purchases (customer_id);

CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    digest TEXT NOT NULL,
    created_at TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED')),
    tally TEXT NOT NULL,
    report_bytes INTEGER NOT NULL,
    ignored TEXT NOT NULL,
    reason TEXT,
    started_at TEXT,
    finished_at TEXT,
    version INTEGER NOT NULL
) WITHOUT ROWID;

-- Stock that a feed told, until Inventory has taken it over; warehouse '' stands for the first one.
CREATE TABLE feed_stock (
    product_id TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    on_hand INTEGER NOT NULL,
    PRIMARY KEY (product_id, warehouse)
) WITHOUT ROWID;
