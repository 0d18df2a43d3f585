-- Which products exist, as Product's events tell; rev counts the changes of a product's stock.
CREATE TABLE products (
    product_id TEXT PRIMARY KEY,
    listed INTEGER NOT NULL,
    rev INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE inventory (
    product_id TEXT NOT NULL REFERENCES products (product_id),
    warehouse_id TEXT NOT NULL,
    stock INTEGER NOT NULL CHECK (stock >= 0),
    reserved INTEGER NOT NULL CHECK (reserved BETWEEN 0 AND stock),
    updated_at TEXT NOT NULL,
    PRIMARY KEY (product_id, warehouse_id)
) WITHOUT ROWID;

-- One row an order: takes is a JSON array of [productId, warehouseId, quantity].
CREATE TABLE holds (
    order_id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('HELD', 'DEDUCTED', 'RELEASED', 'EXPIRED')),
    expires_at TEXT NOT NULL,
    takes TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX holds_by_expiry ON holds (expires_at) WHERE state = 'HELD';

CREATE TABLE movements (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id TEXT NOT NULL,
    warehouse_id TEXT NOT NULL,
    delta INTEGER NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT,
    at TEXT NOT NULL
);
CREATE INDEX movements_by_product ON movements (product_id, position);

CREATE TABLE warehouses (
    warehouse_id TEXT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    priority INTEGER NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
