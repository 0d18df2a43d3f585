"""The audit log: who did what, when, from where, and what it changed; nothing of it is altered."""
