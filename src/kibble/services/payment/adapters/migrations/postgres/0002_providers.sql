-- Who was asked to charge a payment (NULL: nobody yet), and until when the customer may act.
ALTER TABLE payments ADD COLUMN provider text;
ALTER TABLE payments ADD COLUMN act_by timestamptz;
UPDATE payments SET provider = 'sandbox' WHERE status <> 'PENDING';

-- Whether the customer is away when the token is charged.
ALTER TABLE payment_tokens ADD COLUMN off_session boolean NOT NULL DEFAULT false;
