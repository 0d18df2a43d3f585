-- One document a customer, in the owner's shape; the keys are its username and e-mail, case-folded.
CREATE TABLE customers (
    customer_id TEXT PRIMARY KEY,
    username_key TEXT NOT NULL UNIQUE,
    email_key TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;

-- Usernames of registrations that only seemed to succeed.
CREATE TABLE held_usernames (
    customer_id TEXT PRIMARY KEY,
    username_key TEXT NOT NULL,
    until TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX held_usernames_by_key ON held_usernames (username_key);

-- The right to act once for a mailbox; the secret is not here, only the digest of the last one.
CREATE TABLE tokens (
    token_id TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    customer_id TEXT,
    digest TEXT UNIQUE,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tokens_by_customer ON tokens (customer_id);
CREATE INDEX tokens_by_email ON tokens (email_key);
