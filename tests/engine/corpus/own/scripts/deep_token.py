# /// script
# dependencies = ["dask[complete]"]
# ///
"""A deeply nested list has no token in later releases."""

from dask.base import tokenize

nested = [0]
for _ in range(2000):
    nested = [nested]
print(tokenize(nested))
