# /// script
# dependencies = ["dask[complete]"]
# ///
"""No worker has what the tasks ask for."""

import dask
import dask.bag as db
from dask.distributed import Client

if __name__ == "__main__":
    client = Client(n_workers=1, threads_per_worker=1, resources={"X": 1}, dashboard_address=":0")
    with dask.annotate(resources={"GPU": 1}):
        b = db.from_sequence(range(4), npartitions=2).map(lambda x: x)
    print(b.sum().compute(optimize_graph=False))
