-- What each order owes, and whose order it is (NULL: a guest's, or an erased customer's).
CREATE TABLE payables (
    order_id uuid PRIMARY KEY,
    customer_id uuid,
    amount decimal(10, 2) NOT NULL CHECK (amount >= 0),
    currency char(3) NOT NULL,
    payment_method varchar(50) NOT NULL,
    created_at timestamptz NOT NULL,
    hold_expires_at timestamptz,
    status text NOT NULL CHECK (status IN ('PREPARED', 'OPEN', 'CLOSED')),
    attempts integer NOT NULL,
    version integer NOT NULL
);
CREATE INDEX payables_of_customer ON payables (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX payables_prepared ON payables (created_at) WHERE status = 'PREPARED';

-- The payment token of an order's next charge: a secret, deleted once it was used.
CREATE TABLE payment_tokens (
    order_id uuid PRIMARY KEY,
    value text NOT NULL,
    version integer NOT NULL
);

-- Attempts to take an order's money; the owner's columns first. Orders are another service's.
CREATE TABLE payments (
    payment_id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES payables (order_id),
    payment_date timestamptz NOT NULL,
    amount decimal(10, 2) NOT NULL CHECK (amount >= 0),
    status varchar(50) NOT NULL,
    payment_method varchar(50) NOT NULL,
    currency char(3) NOT NULL,
    updated_at timestamptz NOT NULL,
    request_key text,
    held_until timestamptz,
    due_at timestamptz,
    looks integer NOT NULL,
    reference text,
    failure_code text,
    failure_message text,
    action_type text,
    action_url text,
    unwanted boolean NOT NULL,
    version integer NOT NULL
);
CREATE INDEX payments_of_order ON payments (order_id);
CREATE UNIQUE INDEX payments_one_of_an_order_not_failed ON payments (order_id) WHERE status <> 'FAILED';
CREATE INDEX payments_due ON payments (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE refunds (
    refund_id text PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payments (payment_id),
    amount decimal(10, 2) NOT NULL CHECK (amount > 0),
    reason text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('PENDING', 'SUCCEEDED', 'FAILED')),
    failure_code text
);
CREATE INDEX refunds_of_payment ON refunds (payment_id);

-- The double-entry ledger: each row moves money from one account to another, and is never changed.
CREATE TABLE ledger (
    reference text NOT NULL,
    transfer text NOT NULL,
    payment_id uuid NOT NULL REFERENCES payments (payment_id),
    debit text NOT NULL,
    credit text NOT NULL CHECK (credit <> debit),
    amount decimal(10, 2) NOT NULL CHECK (amount > 0),
    currency char(3) NOT NULL,
    posted_at timestamptz NOT NULL,
    PRIMARY KEY (reference, transfer)
);
