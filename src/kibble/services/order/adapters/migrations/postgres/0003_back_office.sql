-- The words by which staff find orders: see model/words.py.
CREATE TABLE order_words (
    word text COLLATE "C" NOT NULL,
    order_id uuid NOT NULL,
    PRIMARY KEY (word, order_id)
);
INSERT INTO order_words
    SELECT order_id::text, order_id FROM orders
    UNION SELECT right(order_id::text, 12), order_id FROM orders
    UNION SELECT lower(email), order_id FROM orders WHERE email IS NOT NULL
    UNION SELECT lower(shipping_address ->> 'zipCode'), order_id FROM orders
        WHERE shipping_address ->> 'zipCode' IS NOT NULL
        AND (customer_id IS NOT NULL OR email IS NOT NULL)
    UNION SELECT word, order_id FROM orders,
        regexp_split_to_table(lower(shipping_address ->> 'name'), '\s+') AS word WHERE word <> '';

-- Sales figures are counted from this index alone.
CREATE INDEX orders_sales ON orders (currency, order_date)
    INCLUDE (status, payment_status, total_amount, discount, shipping, tax, refunded);
CREATE INDEX orders_waiting ON orders (status, order_date) WHERE status IN ('PENDING', 'CONFIRMED');
