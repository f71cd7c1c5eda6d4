"""Reproducers of real bugs of Dask, written for these tests; `test_bugs.py` runs them."""
