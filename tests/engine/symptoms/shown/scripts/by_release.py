# /// script
# dependencies = ["dask[complete]"]
# ///
"""Takes longer, takes more memory and finds something else, from one release on."""

import time

import dask

IS_NEW = dask.__version__ > "2024"

time.sleep(2.5 if IS_NEW else 0.1)
held = bytearray(b"x") * ((300 if IS_NEW else 1) * 2**20)
time.sleep(0.5)
result = {"new": IS_NEW, "sum": 0.1 + 0.2}
