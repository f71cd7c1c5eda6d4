"""Scripts that show each symptom, but hangs and deaths of workers."""
