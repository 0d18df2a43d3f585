-- Endpoints outside the shop. events and secrets are JSON.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    fields TEXT NOT NULL CHECK (fields IN ('ids', 'details', 'personal')),
    description TEXT NOT NULL,
    contact TEXT,
    secrets TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    disabled_reason TEXT,
    failing_since TEXT,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;

-- One row an event and endpoint. attempts is JSON; body is what is sent, to the byte.
CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    customer_id TEXT,
    personal INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'DELIVERED', 'FAILED')),
    tries INTEGER NOT NULL,
    started_at TEXT,
    attempts TEXT NOT NULL,
    due_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (event_id, webhook_id)
) WITHOUT ROWID;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, due_at)
    WHERE status = 'PENDING';
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);
CREATE INDEX webhook_deliveries_about ON webhook_deliveries (customer_id) WHERE personal;
