-- What identifies people, each whole in its document beside the fields that it is found by.
CREATE TABLE staff (
    id TEXT PRIMARY KEY,
    lookup TEXT UNIQUE,
    owner TEXT,
    until TEXT,
    document TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    lookup TEXT UNIQUE,
    owner TEXT,
    until TEXT,
    document TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_owner ON sessions (owner);
CREATE INDEX sessions_by_end ON sessions (until);

CREATE TABLE revocations (
    id TEXT PRIMARY KEY,
    lookup TEXT UNIQUE,
    owner TEXT,
    until TEXT,
    document TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
