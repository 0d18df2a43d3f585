-- The labels that carriers sent with a purchase, until they have the parcels.
CREATE TABLE printed_labels (
    shipping_id uuid PRIMARY KEY,
    images jsonb NOT NULL,
    version integer NOT NULL
);
