-- What each order owes, and whose order it is (NULL: a guest's, or an erased customer's).
CREATE TABLE payables (
    order_id TEXT PRIMARY KEY,
    customer_id TEXT,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    payment_method TEXT NOT NULL,
    created_at TEXT NOT NULL,
    hold_expires_at TEXT,
    status TEXT NOT NULL CHECK (status IN ('PREPARED', 'OPEN', 'CLOSED')),
    attempts INTEGER NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX payables_of_customer ON payables (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX payables_prepared ON payables (created_at) WHERE status = 'PREPARED';

-- The payment token of an order's next charge: a secret, deleted once it was used.
CREATE TABLE payment_tokens (
    order_id TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;

-- Attempts to take an order's money; amounts are in minor units.
CREATE TABLE payments (
    payment_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES payables (order_id),
    payment_date TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    status TEXT NOT NULL,
    payment_method TEXT NOT NULL,
    currency TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    request_key TEXT,
    held_until TEXT,
    due_at TEXT,
    looks INTEGER NOT NULL,
    reference TEXT,
    failure_code TEXT,
    failure_message TEXT,
    action_type TEXT,
    action_url TEXT,
    unwanted INTEGER NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX payments_of_order ON payments (order_id);
CREATE UNIQUE INDEX payments_one_of_an_order_not_failed ON payments (order_id) WHERE status <> 'FAILED';
CREATE INDEX payments_due ON payments (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE refunds (
    refund_id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments (payment_id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'SUCCEEDED', 'FAILED')),
    failure_code TEXT
) WITHOUT ROWID;
CREATE INDEX refunds_of_payment ON refunds (payment_id);

-- The double-entry ledger: each row moves money from one account to another, and is never changed.
CREATE TABLE ledger (
    reference TEXT NOT NULL,
    transfer TEXT NOT NULL,
    payment_id TEXT NOT NULL REFERENCES payments (payment_id),
    debit TEXT NOT NULL,
    credit TEXT NOT NULL CHECK (credit <> debit),
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    posted_at TEXT NOT NULL,
    PRIMARY KEY (reference, transfer)
) WITHOUT ROWID;
