-- The words by which staff find orders: see model/words.py.
CREATE TABLE order_words (
    word TEXT NOT NULL,
    order_id TEXT NOT NULL,
    PRIMARY KEY (word, order_id)
) WITHOUT ROWID;
INSERT OR IGNORE INTO order_words SELECT order_id, order_id FROM orders;
INSERT OR IGNORE INTO order_words SELECT substr(order_id, -12), order_id FROM orders;
INSERT OR IGNORE INTO order_words SELECT lower(email), order_id FROM orders WHERE email IS NOT NULL;
INSERT OR IGNORE INTO order_words
    SELECT lower(shipping_address ->> 'zipCode'), order_id FROM orders
    WHERE shipping_address ->> 'zipCode' IS NOT NULL
    AND (customer_id IS NOT NULL OR email IS NOT NULL);
INSERT OR IGNORE INTO order_words
    SELECT word.value, order_id
    FROM orders, json_each(
        '["'
        || replace(replace(replace(lower(shipping_address ->> 'name'), '\', ''), '"', ''), ' ', '","')
        || '"]'
    ) AS word
    WHERE shipping_address ->> 'name' IS NOT NULL AND word.value <> '';

-- Sales figures are counted from this index alone.
CREATE INDEX orders_sales ON orders (
    currency, order_date, status, payment_status, total_amount, discount, shipping, tax, refunded
);
CREATE INDEX orders_waiting ON orders (status, order_date) WHERE status IN ('PENDING', 'CONFIRMED');
