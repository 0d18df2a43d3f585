-- Challenges that a device is to sign, for a passkey that is made or used.
CREATE TABLE ceremonies (
    id TEXT PRIMARY KEY,
    lookup TEXT UNIQUE,
    owner TEXT,
    until TEXT,
    document TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
