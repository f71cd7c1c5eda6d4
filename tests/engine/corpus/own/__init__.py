"""Reproducers of our own, for kinds of problems that the shared corpus has none of."""
