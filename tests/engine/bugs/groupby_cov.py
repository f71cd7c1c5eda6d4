# /// script
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# symptom = "exception"
# reported = "2022.12.1"
# ///
"""Covariance by station: the groups are named by text, which a release could not take out again.

Upstream: dask/dask#10171.
"""

import dask.dataframe as dd
import pandas as pd

WEATHER = pd.DataFrame(
    {
        "station": ["Kew", "Oban", "Kew", "Oban", "Kew", "Oban"],
        "rain": [1.0, 2.0, 4.0, 8.0, 3.0, 9.0],
        "wind": [3.0, 1.0, 2.0, 5.0, 4.0, 7.0],
    }
)

if __name__ == "__main__":
    print(dd.from_pandas(WEATHER, npartitions=2).groupby("station").cov().compute())
