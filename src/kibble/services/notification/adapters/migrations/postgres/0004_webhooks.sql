-- Endpoints outside the shop.
CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    events jsonb NOT NULL,
    fields text NOT NULL CHECK (fields IN ('ids', 'details', 'personal')),
    description text NOT NULL,
    contact text,
    secrets jsonb NOT NULL,
    enabled boolean NOT NULL,
    disabled_reason text,
    failing_since timestamptz,
    created_at timestamptz NOT NULL,
    version integer NOT NULL
);

-- One row an event and endpoint. body is what is sent, to the byte.
CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    event_id text NOT NULL,
    event_type text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    customer_id text,
    personal boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('PENDING', 'DELIVERED', 'FAILED')),
    tries integer NOT NULL,
    started_at timestamptz,
    attempts jsonb NOT NULL,
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    version integer NOT NULL,
    UNIQUE (event_id, webhook_id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, due_at)
    WHERE status = 'PENDING';
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries USING brin (created_at);
CREATE INDEX webhook_deliveries_about ON webhook_deliveries (customer_id) WHERE personal;
