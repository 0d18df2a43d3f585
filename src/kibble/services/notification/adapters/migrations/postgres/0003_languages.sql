-- The language that a message is in, and the one that a customer is written to in.
ALTER TABLE messages ADD COLUMN language text NOT NULL DEFAULT 'en';
ALTER TABLE preferences ADD COLUMN language text NOT NULL DEFAULT 'en';
