-- Who waits for a product, and when the next of them are told that it is back.
CREATE TABLE waits (
    id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    product_name TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (customer_id, product_id)
) WITHOUT ROWID;
CREATE INDEX waits_by_product ON waits (product_id, asked_at, id);

CREATE TABLE restocks (
    product_id TEXT PRIMARY KEY,
    due_at TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX restocks_due ON restocks (due_at);
