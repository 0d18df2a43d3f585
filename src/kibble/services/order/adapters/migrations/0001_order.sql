-- The owner's columns first; amounts are integer minor units of currency.
CREATE TABLE orders (
    order_id TEXT PRIMARY KEY,
    customer_id TEXT,
    order_date TEXT NOT NULL,
    status TEXT NOT NULL,
    total_amount INTEGER NOT NULL CHECK (total_amount >= 0),
    currency TEXT NOT NULL,
    discount INTEGER NOT NULL,
    shipping INTEGER NOT NULL,
    tax INTEGER NOT NULL,
    email TEXT,
    shipping_address TEXT NOT NULL,
    shipping_method TEXT NOT NULL,
    payment_method TEXT NOT NULL,
    payment_status TEXT NOT NULL,
    payment_id TEXT,
    refunded INTEGER NOT NULL,
    promotion_code TEXT,
    cart_id TEXT UNIQUE,
    allocations TEXT NOT NULL,
    parcels TEXT NOT NULL,
    hold_expires_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX orders_by_customer ON orders (customer_id, order_id);

CREATE TABLE order_items (
    item_id TEXT NOT NULL,
    order_id TEXT NOT NULL REFERENCES orders (order_id),
    product_id TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    price INTEGER NOT NULL CHECK (price >= 0),
    name TEXT NOT NULL,
    weight_grams INTEGER NOT NULL,
    PRIMARY KEY (order_id, item_id)
) WITHOUT ROWID;

CREATE TABLE order_history (
    order_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    type TEXT NOT NULL,
    at TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (order_id, position)
) WITHOUT ROWID;

CREATE TABLE intents (
    order_id TEXT PRIMARY KEY,
    key TEXT UNIQUE,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE carts (
    cart_id TEXT PRIMARY KEY,
    customer_id TEXT,
    lines TEXT NOT NULL,
    order_id TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX carts_by_customer ON carts (customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE promotions (
    code TEXT PRIMARY KEY COLLATE NOCASE,
    kind TEXT NOT NULL,
    description TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT,
    basis_points INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    buy_product TEXT,
    buy_quantity INTEGER NOT NULL,
    get_product TEXT,
    get_quantity INTEGER NOT NULL,
    minimum INTEGER NOT NULL,
    max_uses INTEGER,
    max_uses_per_customer INTEGER,
    uses INTEGER NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE redemptions (
    code TEXT NOT NULL COLLATE NOCASE,
    order_id TEXT NOT NULL,
    customer TEXT,
    PRIMARY KEY (code, order_id)
) WITHOUT ROWID;
CREATE INDEX redemptions_by_customer ON redemptions (customer, code);
