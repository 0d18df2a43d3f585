-- What proves and permits: second factors, OAuth clients, and authorization codes.
CREATE TABLE factors (
    id TEXT PRIMARY KEY,
    lookup TEXT UNIQUE,
    owner TEXT,
    until TEXT,
    document TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    lookup TEXT UNIQUE,
    owner TEXT,
    until TEXT,
    document TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    lookup TEXT UNIQUE,
    owner TEXT,
    until TEXT,
    document TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
