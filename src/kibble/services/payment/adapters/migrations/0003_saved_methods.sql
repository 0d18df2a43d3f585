-- What customers keep for the next time: the provider's token of it (a secret), never a number.
CREATE TABLE saved_methods (
    saved_id TEXT PRIMARY KEY,
    customer_id TEXT,
    payment_method TEXT NOT NULL,
    provider TEXT NOT NULL,
    reference TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    due_at TEXT,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'READY', 'REMOVED')),
    token TEXT,
    brand TEXT,
    last4 TEXT CHECK (length(last4) <= 4),
    expires TEXT,
    preferred_at TEXT,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX saved_methods_of_customer ON saved_methods (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX saved_methods_due ON saved_methods (due_at) WHERE due_at IS NOT NULL;
