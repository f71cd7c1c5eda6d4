# /// script
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# symptom = "memory"
# memory = "512MiB"
# ///
"""It keeps everything that it ever made."""

import numpy as np

kept = [np.ones(5_000_000) for _ in range(100)]
