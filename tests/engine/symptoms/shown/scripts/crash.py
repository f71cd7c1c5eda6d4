# /// script
# dependencies = ["dask[complete]"]
# ///
"""A task reads from nowhere, in a thread of the script's own process."""

import ctypes

import dask

print(dask.delayed(ctypes.string_at)(0).compute(scheduler="threads"))
