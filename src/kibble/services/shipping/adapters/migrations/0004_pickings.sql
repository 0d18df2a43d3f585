-- How far a warehouse is with a shipment that the carrier does not have yet.
CREATE TABLE pickings (
    shipping_id TEXT PRIMARY KEY,
    stage TEXT NOT NULL CHECK (stage IN ('TO_PICK', 'PICKED', 'PACKED')),
    changed_at TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX shipping_by_warehouse ON shipping (warehouse_id, shipping_id)
WHERE status IN ('REQUESTED', 'LABELLED');
