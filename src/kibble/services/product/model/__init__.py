"""Products, their categories, reviews and feeds: pure decisions."""
