-- Guests wait too, by their address.
CREATE TABLE waits_of_all (
    id TEXT PRIMARY KEY,
    customer_id TEXT,
    product_id TEXT NOT NULL,
    product_name TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    email TEXT,
    language TEXT,
    version INTEGER NOT NULL,
    CHECK ((customer_id IS NULL) <> (email IS NULL)),
    UNIQUE (customer_id, product_id),
    UNIQUE (email, product_id)
) WITHOUT ROWID;
INSERT INTO waits_of_all (id, customer_id, product_id, product_name, asked_at, version)
    SELECT id, customer_id, product_id, product_name, asked_at, version FROM waits;
DROP TABLE waits;
ALTER TABLE waits_of_all RENAME TO waits;
CREATE INDEX waits_by_product ON waits (product_id, asked_at, id);
CREATE INDEX waits_by_age ON waits (asked_at);
CREATE INDEX messages_to_guests ON messages (email, position) WHERE customer_id IS NULL;
