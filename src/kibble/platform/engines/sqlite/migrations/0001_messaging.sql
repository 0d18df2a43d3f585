-- The events that this service publishes. The table is the topic's log: consumers keep a position in it.
CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    type TEXT NOT NULL,
    key TEXT NOT NULL,
    created_at TEXT NOT NULL,
    envelope BLOB NOT NULL
);
CREATE INDEX outbox_by_topic ON outbox (topic, position);

-- The events that this service has applied: each id once a consumer.
CREATE TABLE inbox (
    consumer TEXT NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (consumer, event_id)
) WITHOUT ROWID;

-- How far each consumer has read each producer's log.
CREATE TABLE offsets (
    consumer TEXT NOT NULL,
    source TEXT NOT NULL,
    topic TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (consumer, source, topic)
) WITHOUT ROWID;

-- Events that could not be applied: to be tried again (retrying), or given up (dead).
CREATE TABLE parked_events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    consumer TEXT NOT NULL,
    topic TEXT NOT NULL,
    key TEXT NOT NULL,
    type TEXT NOT NULL,
    event_id TEXT NOT NULL,
    envelope BLOB NOT NULL,
    error TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('retrying', 'dead')),
    due_at TEXT NOT NULL,
    parked_at TEXT NOT NULL,
    UNIQUE (consumer, event_id)
);

-- Answers kept under an Idempotency-Key.
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    created_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
