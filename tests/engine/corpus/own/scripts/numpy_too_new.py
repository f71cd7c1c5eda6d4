# /// script
# dependencies = ["dask[complete]", "numpy==2.0.0"]
# ///
"""A release that is older than the NumPy it is to work with."""

import dask.array as da
import numpy as np

x = da.from_array(np.arange(12.0).reshape(3, 4), chunks=2)
print(da.percentile(x.ravel(), 50).compute(), x.sum().compute(), da.around(x, 1).compute().shape)
print(da.cumsum(x, axis=0).compute(), da.linalg.norm(x).compute(), x.std().compute())
