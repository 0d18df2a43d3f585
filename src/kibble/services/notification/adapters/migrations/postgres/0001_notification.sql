-- One row a request and channel. Parted by month: the ids are UUIDv7, which begin with their time.
CREATE TABLE messages (
    id uuid PRIMARY KEY,
    request_id text NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'in_app')),
    customer_id uuid,
    email text,
    title text NOT NULL,
    body text NOT NULL,
    action_label text,
    action_path text,
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('PENDING', 'SENT', 'FAILED', 'SUPPRESSED')),
    attempts integer NOT NULL,
    reason text,
    sent_at timestamptz,
    read boolean NOT NULL,
    position bigint NOT NULL,
    version integer NOT NULL
) PARTITION BY RANGE (id);
CREATE TABLE messages_rest PARTITION OF messages DEFAULT;
CREATE INDEX messages_due ON messages (due_at) WHERE status = 'PENDING';
CREATE INDEX messages_by_customer ON messages (customer_id, position) WHERE customer_id IS NOT NULL;

-- A request becomes one message a channel: no unique index of a parted table can say so.
CREATE TABLE requests (
    request_id text NOT NULL,
    channel text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (request_id, channel)
);
CREATE INDEX requests_by_age ON requests USING brin (created_at);

-- The position of each customer's newest message.
CREATE TABLE inboxes (
    customer_id uuid PRIMARY KEY,
    newest bigint NOT NULL
) WITH (fillfactor = 70);
CREATE SEQUENCE guest_positions;

-- Counts up one inbox, and keeps it locked until the commit: so the order of an inbox's positions is
-- that of its commits, and who has read up to one of them misses nothing. Guests have no inbox.
CREATE FUNCTION next_position(reader uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
BEGIN
    IF reader IS NULL THEN
        RETURN nextval('guest_positions');
    END IF;
    INSERT INTO inboxes AS i (customer_id, newest) VALUES (reader, 1)
    ON CONFLICT (customer_id) DO UPDATE SET newest = i.newest + 1
    RETURNING newest INTO place;
    RETURN place;
END $$;

-- quiet_hours are clock times in an IANA zone.
CREATE TABLE preferences (
    customer_id uuid PRIMARY KEY,
    channels jsonb NOT NULL,
    kinds jsonb NOT NULL,
    quiet_hours jsonb,
    updated_at timestamptz,
    version integer NOT NULL
);
