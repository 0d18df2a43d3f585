-- What customers keep for the next time: the provider's token of it (a secret), never a number.
CREATE TABLE saved_methods (
    saved_id uuid PRIMARY KEY,
    customer_id uuid,
    payment_method varchar(50) NOT NULL,
    provider text NOT NULL,
    reference text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    due_at timestamptz,
    status text NOT NULL CHECK (status IN ('PENDING', 'READY', 'REMOVED')),
    token text,
    brand text,
    last4 text CHECK (length(last4) <= 4),
    expires text,
    preferred_at timestamptz,
    version integer NOT NULL
);
CREATE INDEX saved_methods_of_customer ON saved_methods (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX saved_methods_due ON saved_methods (due_at) WHERE due_at IS NOT NULL;
