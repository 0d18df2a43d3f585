"""Technical code that every service uses; no business word in it."""
