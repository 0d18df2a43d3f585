"""Notification: tells customers what happened, by e-mail, SMS and in the app."""
