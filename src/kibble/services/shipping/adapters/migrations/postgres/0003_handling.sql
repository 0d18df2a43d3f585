-- What spoils, and what may not fly, leaves a warehouse in shipments of its own.
ALTER TABLE shipping ADD COLUMN handling text NOT NULL DEFAULT 'plain';
DROP INDEX shipping_by_order;
CREATE UNIQUE INDEX shipping_by_order ON shipping (order_id, warehouse_id, handling);
