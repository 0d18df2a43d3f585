-- An import that only tells what it would do.
ALTER TABLE imports ADD COLUMN dry_run INTEGER NOT NULL DEFAULT 0;
