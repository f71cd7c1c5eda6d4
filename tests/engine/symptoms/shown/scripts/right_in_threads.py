# /// script
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# symptom = "wrong-result"
# ///
"""A table with everything in it that has many spellings; lazy, too."""

import dask.dataframe as dd
import pandas as pd

table = pd.DataFrame(
    {
        "text": ["x", None, "z", "x"],
        "number": [0.1, 0.2, float("nan"), 4.0],
        "day": pd.date_range("2024-01-01", periods=4, tz="UTC"),
        "kind": pd.Categorical(["a", "b", "a", "b"]),
        "whole": pd.array([1, None, 3, 4], dtype="Int64"),
    }
)
result = dd.from_pandas(table, npartitions=2)
