# /// script
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# symptom = "warning"
# ///
"""A task warns."""

import warnings

import dask


@dask.delayed
def careful():
    warnings.warn("this will change", FutureWarning, stacklevel=1)


careful().compute()
