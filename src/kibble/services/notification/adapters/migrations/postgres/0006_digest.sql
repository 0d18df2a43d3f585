-- The hour of a customer's e-mail of the day, and what waits for it.
ALTER TABLE preferences ADD COLUMN digest jsonb;
ALTER TABLE messages ADD COLUMN collected boolean NOT NULL DEFAULT false;
DROP INDEX messages_due;
CREATE INDEX messages_due ON messages (collected, due_at) WHERE status = 'PENDING';
