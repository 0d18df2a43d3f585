-- Autoship. act_at is when the next step is due: the one index that the scheduler reads.
CREATE TABLE subscriptions (
    subscription_id uuid PRIMARY KEY,
    customer_id uuid,
    name text,
    status varchar(50) NOT NULL,
    reason text,
    time_zone text NOT NULL,
    address jsonb,
    shipping_method text,
    payment_method text NOT NULL,
    payment_token text,
    items jsonb NOT NULL,
    cycle jsonb NOT NULL,
    resumes_on text,
    hurry timestamptz,
    look_again_at timestamptz,
    not_before timestamptz,
    tries integer NOT NULL,
    stale_holds jsonb NOT NULL,
    orders_paid integer NOT NULL,
    last_order_id uuid,
    act_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL
);
CREATE INDEX subscriptions_by_customer ON subscriptions (customer_id, subscription_id)
WHERE customer_id IS NOT NULL;
CREATE INDEX subscriptions_due ON subscriptions (act_at) WHERE act_at IS NOT NULL;

ALTER TABLE orders ADD COLUMN subscription_id uuid;
ALTER TABLE promotions ADD COLUMN audience text NOT NULL DEFAULT 'code';
