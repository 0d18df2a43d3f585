-- The proof that a customer was erased, service by service.
CREATE TABLE erasures (
    id TEXT PRIMARY KEY,
    lookup TEXT UNIQUE,
    owner TEXT,
    until TEXT,
    document TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX erasures_by_due ON erasures (until);
