# /// script
# dependencies = ["dask[complete]"]
# ///
"""Data travels within the graph."""

import dask.array as da
import numpy as np
from dask.distributed import Client

if __name__ == "__main__":
    client = Client()
    print(da.from_array(np.ones(20_000_000), chunks=5_000_000).sum().compute())
