# /// script
# dependencies = ["dask[complete]"]
# ///
"""What cannot be pickled has no certain token."""

import dask
from dask.base import tokenize


class Thing:
    def __reduce__(self):
        raise TypeError("not me")


with dask.config.set({"tokenize.ensure-deterministic": True}):
    print(tokenize(Thing()))
