"""Product's store on MongoDB."""
