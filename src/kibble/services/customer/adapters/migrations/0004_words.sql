-- The words by which staff find customers: see model/words.py.
CREATE TABLE customer_words (
    customer_id TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (customer_id, word)
) WITHOUT ROWID;
CREATE INDEX customer_words_by_word ON customer_words (word, customer_id);
INSERT OR IGNORE INTO customer_words
    SELECT customer_id, customer_id FROM customers
    UNION SELECT customer_id, username_key FROM customers
    UNION SELECT customer_id, email_key FROM customers
    UNION SELECT customer_id, document ->> 'phone_e164' FROM customers
        WHERE document ->> 'phone_e164' IS NOT NULL;
INSERT OR IGNORE INTO customer_words
    SELECT customer_id, word.value
    FROM customers, json_each(
        '["' || replace(replace(replace(lower(document ->> 'name'), '\', ''), '"', ''), ' ', '","')
        || '"]'
    ) AS word
    WHERE document ->> 'name' IS NOT NULL AND word.value <> '';
