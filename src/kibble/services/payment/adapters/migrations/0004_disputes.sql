-- Whether money was set aside (its posting is in the ledger), and whether to ask for disputes.
ALTER TABLE payments ADD COLUMN authorized INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN dispute_due INTEGER NOT NULL DEFAULT 0;

-- What customers' banks want back (chargebacks); the ids are the providers', amounts in minor units.
CREATE TABLE disputes (
    dispute_id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments (payment_id),
    amount INTEGER NOT NULL CHECK (amount >= 0),
    withdrawn INTEGER NOT NULL CHECK (withdrawn >= 0),
    fee INTEGER NOT NULL CHECK (fee >= 0),
    status TEXT NOT NULL CHECK (status IN ('OPEN', 'WON', 'LOST')),
    reason_code TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    respond_by TEXT
) WITHOUT ROWID;
CREATE INDEX disputes_of_payment ON disputes (payment_id);
