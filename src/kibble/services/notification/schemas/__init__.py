"""What Notification's API takes and answers."""
