-- Who follows changes reads orders in the order of their latest change.
CREATE INDEX orders_by_change ON orders (updated_at, order_id);
