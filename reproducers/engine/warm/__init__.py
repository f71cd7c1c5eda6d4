"""Sandboxes that wait with everything imported for the one script that will enter each of them."""
