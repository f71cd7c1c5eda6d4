"""What was recorded of real runs on many releases."""
