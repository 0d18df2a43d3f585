-- How far a warehouse is with a shipment that the carrier does not have yet.
CREATE TABLE pickings (
    shipping_id uuid PRIMARY KEY,
    stage varchar(50) NOT NULL CHECK (stage IN ('TO_PICK', 'PICKED', 'PACKED')),
    changed_at timestamptz NOT NULL,
    version integer NOT NULL
);
CREATE INDEX shipping_by_warehouse ON shipping (warehouse_id, shipping_id)
WHERE status IN ('REQUESTED', 'LABELLED');
