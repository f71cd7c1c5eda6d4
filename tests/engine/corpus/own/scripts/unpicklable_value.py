# /// script
# dependencies = ["dask[complete]"]
# ///
"""A lock cannot come back from a worker."""

import threading

import dask
from dask.distributed import Client

lock = threading.Lock()


@dask.delayed
def use(x):
    return threading.Lock()


if __name__ == "__main__":
    client = Client()
    print(use(1).compute())
