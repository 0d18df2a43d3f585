-- Customers, orders and products have small numbers of their own: the item model's arrays are
-- indexed by them. Times are whole seconds since 1970, as those arrays hold them.

-- What Product's events tell. A product that was bought before its event came has no name yet.
CREATE TABLE products (
    number INTEGER PRIMARY KEY,
    product_id TEXT NOT NULL UNIQUE,
    name TEXT,
    category TEXT,
    price INTEGER,
    currency TEXT,
    image TEXT,
    species TEXT,
    sold INTEGER NOT NULL DEFAULT 0,
    sequence INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX products_by_category ON products (category, number) WHERE sold;

-- customer_id is NULL once the customer is erased: the edges stay, and nobody knows whose they are.
-- The row with erased = 1 holds nothing; it keeps what arrives late from naming the person again.
CREATE TABLE customers (
    number INTEGER PRIMARY KEY,
    customer_id TEXT UNIQUE,
    erased INTEGER NOT NULL DEFAULT 0
);

-- customer is NULL for a guest.
CREATE TABLE orders (
    number INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    customer INTEGER REFERENCES customers (number),
    bought_at INTEGER NOT NULL
);

CREATE TABLE purchases (
    order_number INTEGER NOT NULL REFERENCES orders (number),
    product INTEGER NOT NULL REFERENCES products (number),
    quantity INTEGER NOT NULL,
    PRIMARY KEY (order_number, product)
) WITHOUT ROWID;

-- The BOUGHT edges: purchases by customer, with the number of orders.
CREATE TABLE bought (
    customer INTEGER NOT NULL REFERENCES customers (number),
    product INTEGER NOT NULL REFERENCES products (number),
    orders INTEGER NOT NULL,
    bought_at INTEGER NOT NULL,
    PRIMARY KEY (customer, product)
) WITHOUT ROWID;

-- The VIEWED edges.
CREATE TABLE viewed (
    customer INTEGER NOT NULL REFERENCES customers (number),
    product INTEGER NOT NULL REFERENCES products (number),
    viewed_at INTEGER NOT NULL,
    PRIMARY KEY (customer, product)
) WITHOUT ROWID;
