-- The labels that carriers sent with a purchase, until they have the parcels.
CREATE TABLE printed_labels (
    shipping_id TEXT PRIMARY KEY,
    images TEXT NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;
