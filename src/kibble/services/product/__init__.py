"""Product: the catalogue, its categories, pictures, reviews and supplier feeds, and search."""
