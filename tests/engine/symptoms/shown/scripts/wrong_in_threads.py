# /// script
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# symptom = "wrong-result"
# ///
"""Nothing fails, but the value depends on the scheduler."""

import threading

import dask
import pandas as pd


@dask.delayed
def names():
    return pd.DataFrame({"is_main": [threading.current_thread() is threading.main_thread()]})


result = names().compute()
