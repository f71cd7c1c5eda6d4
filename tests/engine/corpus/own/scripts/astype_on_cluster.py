# /// script
# dependencies = ["dask[complete]"]
# ///
"""A partition holds text that is no number; the error comes from a worker."""

import dask.dataframe as dd
import pandas as pd
from dask.distributed import Client

if __name__ == "__main__":
    client = Client()
    f = dd.from_pandas(pd.DataFrame({"a": ["x", "y", "3", "4"]}), npartitions=2)
    print(f.a.astype("int64").sum().compute())
