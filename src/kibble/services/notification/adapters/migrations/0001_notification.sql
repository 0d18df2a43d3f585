-- One row a request and channel; position is the order of commits.
CREATE TABLE messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    request_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'in_app')),
    customer_id TEXT,
    email TEXT,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    action_label TEXT,
    action_path TEXT,
    due_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'SENT', 'FAILED', 'SUPPRESSED')),
    attempts INTEGER NOT NULL,
    reason TEXT,
    sent_at TEXT,
    read INTEGER NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (request_id, channel)
);
CREATE INDEX messages_due ON messages (due_at) WHERE status = 'PENDING';
CREATE INDEX messages_by_customer ON messages (customer_id, position) WHERE customer_id IS NOT NULL;

-- channels and kinds are JSON; quiet hours are clock times in an IANA zone.
CREATE TABLE preferences (
    customer_id TEXT PRIMARY KEY,
    channels TEXT NOT NULL,
    kinds TEXT NOT NULL,
    quiet_hours TEXT,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
