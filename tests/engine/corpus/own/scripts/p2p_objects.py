# /// script
# dependencies = ["dask[complete]"]
# ///
"""A column of objects cannot be shuffled between workers."""

import dask
import dask.dataframe as dd
import pandas as pd
from dask.distributed import Client


class Odd:
    pass


if __name__ == "__main__":
    client = Client()
    with dask.config.set({"dataframe.shuffle.method": "p2p", "dataframe.convert-string": False}):
        f = dd.from_pandas(
            pd.DataFrame({"a": range(20), "o": [Odd() for _ in range(20)]}), npartitions=4
        )
        print(len(f.shuffle("a").compute()))
