"""Product's store on SQLite."""
