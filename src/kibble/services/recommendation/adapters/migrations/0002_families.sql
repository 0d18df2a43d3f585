-- The configurable product of a variant. Products that were told of before this was known have none,
-- and stand alone until Product tells of them again.
ALTER TABLE products ADD COLUMN parent INTEGER REFERENCES products (number);

DROP INDEX products_by_category;
CREATE INDEX products_to_show ON products (category, number) WHERE sold AND parent IS NULL;
