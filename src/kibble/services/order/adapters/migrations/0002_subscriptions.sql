-- Autoship. act_at is when the next step is due: the one index that the scheduler reads.
CREATE TABLE subscriptions (
    subscription_id TEXT PRIMARY KEY,
    customer_id TEXT,
    name TEXT,
    status TEXT NOT NULL,
    reason TEXT,
    time_zone TEXT NOT NULL,
    address TEXT,
    shipping_method TEXT,
    payment_method TEXT NOT NULL,
    payment_token TEXT,
    items TEXT NOT NULL,
    cycle TEXT NOT NULL,
    resumes_on TEXT,
    hurry TEXT,
    look_again_at TEXT,
    not_before TEXT,
    tries INTEGER NOT NULL,
    stale_holds TEXT NOT NULL,
    orders_paid INTEGER NOT NULL,
    last_order_id TEXT,
    act_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX subscriptions_by_customer ON subscriptions (customer_id, subscription_id)
WHERE customer_id IS NOT NULL;
CREATE INDEX subscriptions_due ON subscriptions (act_at) WHERE act_at IS NOT NULL;

ALTER TABLE orders ADD COLUMN subscription_id TEXT;
ALTER TABLE promotions ADD COLUMN audience TEXT NOT NULL DEFAULT 'code';
