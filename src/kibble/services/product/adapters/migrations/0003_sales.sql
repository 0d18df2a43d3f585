-- sale is a JSON object, with what it cost before while it is on; sale_due is its next moment. past_prices
-- has the lowest price that was given up on each of the last days.
ALTER TABLE products ADD COLUMN sale TEXT;
ALTER TABLE products ADD COLUMN sale_due TEXT;
ALTER TABLE products ADD COLUMN past_prices TEXT NOT NULL DEFAULT '{}';
CREATE INDEX products_by_sale_due ON products (sale_due) WHERE sale_due IS NOT NULL;
