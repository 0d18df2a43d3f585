-- Whether money was set aside (its posting is in the ledger), and whether to ask for disputes.
ALTER TABLE payments ADD COLUMN authorized boolean NOT NULL DEFAULT false;
ALTER TABLE payments ADD COLUMN dispute_due boolean NOT NULL DEFAULT false;

-- What customers' banks want back (chargebacks); the ids are the providers'.
CREATE TABLE disputes (
    dispute_id text PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payments (payment_id),
    amount decimal(10, 2) NOT NULL CHECK (amount >= 0),
    withdrawn decimal(10, 2) NOT NULL CHECK (withdrawn >= 0),
    fee decimal(10, 2) NOT NULL CHECK (fee >= 0),
    status text NOT NULL CHECK (status IN ('OPEN', 'WON', 'LOST')),
    reason_code text NOT NULL,
    opened_at timestamptz NOT NULL,
    respond_by timestamptz
);
CREATE INDEX disputes_of_payment ON disputes (payment_id);
