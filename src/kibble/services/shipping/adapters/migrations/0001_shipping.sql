-- address, parcels and history are JSON; due_at is when something is to be done next.
CREATE TABLE shipping (
    shipping_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    shipping_method TEXT NOT NULL,
    tracking_number TEXT,
    status TEXT NOT NULL CHECK (
        status IN (
            'REQUESTED', 'LABELLED', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'EXCEPTION', 'DELIVERED',
            'VOIDED'
        )
    ),
    estimated_delivery TEXT NOT NULL,
    customer_id TEXT,
    warehouse_id TEXT,
    address TEXT NOT NULL,
    parcels TEXT NOT NULL,
    label_reference TEXT,
    history TEXT NOT NULL,
    due_at TEXT,
    failures INTEGER NOT NULL,
    void_wanted INTEGER NOT NULL,
    erase_wanted INTEGER NOT NULL,
    request_key TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
);
CREATE UNIQUE INDEX shipping_by_order ON shipping (order_id, warehouse_id);
CREATE UNIQUE INDEX shipping_by_request ON shipping (request_key) WHERE request_key IS NOT NULL;
CREATE INDEX shipping_by_tracking_number ON shipping (tracking_number)
WHERE tracking_number IS NOT NULL;
CREATE INDEX shipping_by_customer ON shipping (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX shipping_by_due ON shipping (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE cancelled_orders (
    order_id TEXT PRIMARY KEY,
    cancelled_at TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
