-- What a product on sale costs otherwise. One that was told of before this was known has none until
-- Product tells of it again.
ALTER TABLE products ADD COLUMN regular_price INTEGER;
