# /// script
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# symptom = "wrong-result"
# reported = "2022.12.1"
# ///
"""`asarray` is asked for single precision, and what is already a Dask array stays as it is.

Upstream: dask/dask#11285.
"""

import dask.array as da
import numpy as np

if __name__ == "__main__":
    heights = da.linspace(0, 1, 12, chunks=5)
    single = da.asarray(heights, dtype="float32")
    computed = single.compute()
    assert (single.dtype, computed.dtype) == (np.float32, np.float32), (
        f"asked for float32, told {single.dtype}, got {computed.dtype}"
    )
