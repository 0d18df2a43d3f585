-- Undoes the whole statement in which a fragment served another number of rows than it was given:
-- some row was changed, taken or removed by somebody else.
CREATE FUNCTION require(served bigint, given bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF served <> given THEN
        RAISE EXCEPTION 'served % of % rows', served, given USING ERRCODE = 'KB001';
    END IF;
END $$;

-- The events that are committed and not on the broker yet; a row goes once it is published.
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shard smallint NOT NULL,
    topic text NOT NULL,
    type text NOT NULL,
    key text NOT NULL,
    created_at timestamptz NOT NULL,
    envelope bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- How often each shard of the outbox has changed hands: what a relay took over, its predecessors lost.
CREATE TABLE relay_fences (
    shard smallint PRIMARY KEY,
    token bigint NOT NULL
);
INSERT INTO relay_fences SELECT shard, 0 FROM generate_series(0, 15) AS shard;

-- The events that this service has applied: each id once a consumer.
CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_by_age ON inbox USING brin (applied_at);

-- Events that could not be applied: to be tried again (retrying), or given up (dead).
CREATE TABLE parked_events (
    position bigint GENERATED ALWAYS AS IDENTITY,
    consumer text NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    type text NOT NULL,
    event_id text NOT NULL,
    envelope bytea NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL,
    status text NOT NULL CHECK (status IN ('retrying', 'dead')),
    due_at timestamptz NOT NULL,
    parked_at timestamptz NOT NULL,
    PRIMARY KEY (consumer, event_id)
);

-- Answers kept under an Idempotency-Key.
CREATE TABLE idempotency (
    key text PRIMARY KEY,
    fingerprint text NOT NULL,
    status integer NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);
