-- Who is at what, see platform/persistence/claims.py. Not logged: a server that crashes forgets
-- the claims, and the work is done again, as it may be.
CREATE UNLOGGED TABLE claims (
    key text PRIMARY KEY,
    holder text NOT NULL,
    until timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
