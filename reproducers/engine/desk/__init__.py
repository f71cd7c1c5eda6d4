"""`repro`'s side of a Headwater server: who one is there, and tickets through its API."""
