"""Scripts that show each symptom, run for real."""
