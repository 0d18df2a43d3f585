-- The owner's columns first. due_at is when something is to be done next.
CREATE TABLE shipping (
    shipping_id uuid PRIMARY KEY,
    order_id uuid NOT NULL,
    shipping_method varchar(50) NOT NULL,
    tracking_number varchar(50),
    status varchar(50) NOT NULL CHECK (
        status IN (
            'REQUESTED', 'LABELLED', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'EXCEPTION', 'DELIVERED',
            'VOIDED'
        )
    ),
    estimated_delivery timestamptz NOT NULL,
    customer_id uuid,
    warehouse_id uuid,
    address jsonb NOT NULL,
    parcels jsonb NOT NULL,
    label_reference text,
    history jsonb NOT NULL,
    due_at timestamptz,
    failures integer NOT NULL,
    void_wanted boolean NOT NULL,
    erase_wanted boolean NOT NULL,
    request_key text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL
);
CREATE UNIQUE INDEX shipping_by_order ON shipping (order_id, warehouse_id);
CREATE UNIQUE INDEX shipping_by_request ON shipping (request_key) WHERE request_key IS NOT NULL;
CREATE INDEX shipping_by_tracking_number ON shipping (tracking_number)
WHERE tracking_number IS NOT NULL;
CREATE INDEX shipping_by_customer ON shipping (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX shipping_by_due ON shipping (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE cancelled_orders (
    order_id uuid PRIMARY KEY,
    cancelled_at timestamptz NOT NULL,
    version integer NOT NULL
);
