-- Guests wait too, by their address.
ALTER TABLE waits
    ALTER COLUMN customer_id DROP NOT NULL,
    ADD COLUMN email text,
    ADD COLUMN language text,
    ADD CHECK ((customer_id IS NULL) <> (email IS NULL)),
    ADD UNIQUE (email, product_id);
CREATE INDEX waits_by_age ON waits (asked_at);
CREATE INDEX messages_to_guests ON messages (email, position) WHERE customer_id IS NULL;
