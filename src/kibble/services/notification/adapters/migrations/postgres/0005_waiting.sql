-- Who waits for a product, and when the next of them are told that it is back.
CREATE TABLE waits (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    product_id uuid NOT NULL,
    product_name text NOT NULL,
    asked_at timestamptz NOT NULL,
    version integer NOT NULL,
    UNIQUE (customer_id, product_id)
);
CREATE INDEX waits_by_product ON waits (product_id, asked_at, id);

CREATE TABLE restocks (
    product_id uuid PRIMARY KEY,
    due_at timestamptz NOT NULL,
    version integer NOT NULL
);
CREATE INDEX restocks_due ON restocks (due_at);
