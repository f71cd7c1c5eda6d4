# /// script
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# symptom = "warning"
# ///
"""Only another library warns, of what the script did with it."""

import dask
import numpy as np

print(dask.delayed(1).compute(), np.mean([]))
