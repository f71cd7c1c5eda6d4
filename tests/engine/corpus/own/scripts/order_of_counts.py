# /// script
# dependencies = ["dask[complete]"]
# ///
"""Counts came in the order of their number, and later in another one."""

import dask.dataframe as dd
import pandas as pd

frame = dd.from_pandas(pd.DataFrame({"k": [3, 1, 2, 1]}), npartitions=2)
result = {"counts": frame.k.value_counts().compute().rename_axis(None).rename("n")}
