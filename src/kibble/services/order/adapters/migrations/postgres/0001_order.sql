-- Codes do not tell upper from lower case.
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

-- The owner's columns first. Parted by month: the ids are UUIDv7, which begin with their time.
CREATE TABLE orders (
    order_id uuid PRIMARY KEY,
    customer_id uuid,
    order_date timestamptz NOT NULL,
    status varchar(50) NOT NULL,
    total_amount decimal(10, 2) NOT NULL CHECK (total_amount >= 0),
    currency char(3) NOT NULL,
    discount decimal(10, 2) NOT NULL,
    shipping decimal(10, 2) NOT NULL,
    tax decimal(10, 2) NOT NULL,
    email text,
    shipping_address jsonb NOT NULL,
    shipping_method text NOT NULL,
    payment_method text NOT NULL,
    payment_status text NOT NULL,
    payment_id uuid,
    refunded decimal(10, 2) NOT NULL,
    promotion_code text,
    cart_id uuid,
    allocations jsonb NOT NULL,
    parcels jsonb NOT NULL,
    hold_expires_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL
) PARTITION BY RANGE (order_id);
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
CREATE INDEX orders_by_customer ON orders (customer_id, order_id) WHERE customer_id IS NOT NULL;

CREATE TABLE order_items (
    item_id uuid NOT NULL,
    order_id uuid NOT NULL REFERENCES orders (order_id),
    product_id uuid NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    price decimal(10, 2) NOT NULL CHECK (price >= 0),
    name text NOT NULL,
    weight_grams integer NOT NULL,
    PRIMARY KEY (order_id, item_id)
) PARTITION BY RANGE (order_id);
CREATE TABLE order_items_rest PARTITION OF order_items DEFAULT;

CREATE TABLE order_history (
    order_id uuid NOT NULL,
    position integer NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    details jsonb NOT NULL,
    PRIMARY KEY (order_id, position)
) PARTITION BY RANGE (order_id);
CREATE TABLE order_history_rest PARTITION OF order_history DEFAULT;

-- A cart becomes one order: no unique index of a parted table can say so.
CREATE TABLE cart_orders (
    cart_id uuid PRIMARY KEY,
    order_id uuid NOT NULL
);

CREATE TABLE intents (
    order_id uuid PRIMARY KEY,
    key text UNIQUE,
    created_at timestamptz NOT NULL,
    version integer NOT NULL
);

CREATE TABLE carts (
    cart_id uuid PRIMARY KEY,
    customer_id uuid,
    lines jsonb NOT NULL,
    order_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL
);
CREATE INDEX carts_by_customer ON carts (customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE promotions (
    code text COLLATE nocase PRIMARY KEY,
    kind text NOT NULL,
    description text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    basis_points integer NOT NULL,
    amount decimal(10, 2) NOT NULL,
    currency char(3) NOT NULL,
    buy_product uuid,
    buy_quantity integer NOT NULL,
    get_product uuid,
    get_quantity integer NOT NULL,
    minimum decimal(10, 2) NOT NULL,
    max_uses integer,
    max_uses_per_customer integer,
    uses integer NOT NULL,
    version integer NOT NULL
);

-- nth counts the uses of a customer where these have a limit: two that race take the same number.
CREATE TABLE redemptions (
    code text COLLATE nocase NOT NULL,
    order_id uuid NOT NULL,
    customer text,
    nth integer,
    PRIMARY KEY (code, order_id),
    UNIQUE (code, customer, nth)
);
CREATE INDEX redemptions_by_customer ON redemptions (customer, code);
