# /// script
# dependencies = ["dask[complete]"]
# ///
"""For two releases the import warned of what was to come."""

import dask.dataframe as dd
import pandas as pd

print(dd.from_pandas(pd.DataFrame({"a": [1, 2]}), npartitions=1).a.sum().compute())
