"""What a script shows, compared with what it shows elsewhere."""
