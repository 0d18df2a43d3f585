-- The hour of a customer's e-mail of the day, and what waits for it.
ALTER TABLE preferences ADD COLUMN digest TEXT;
ALTER TABLE messages ADD COLUMN collected INTEGER NOT NULL DEFAULT 0;
DROP INDEX messages_due;
CREATE INDEX messages_due ON messages (collected, due_at) WHERE status = 'PENDING';
