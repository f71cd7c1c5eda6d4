# /// script
# dependencies = ["dask[complete]"]
# ///
"""The script itself knows what is right."""

import dask.array as da

total = da.ones(10, chunks=3).sum().compute()
assert total == 11, f"the sum is {total}"
