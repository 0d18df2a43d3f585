-- Who was asked to charge a payment (NULL: nobody yet), and until when the customer may act.
ALTER TABLE payments ADD COLUMN provider TEXT;
ALTER TABLE payments ADD COLUMN act_by TEXT;
UPDATE payments SET provider = 'sandbox' WHERE status <> 'PENDING';

-- Whether the customer is away when the token is charged.
ALTER TABLE payment_tokens ADD COLUMN off_session INTEGER NOT NULL DEFAULT 0;
