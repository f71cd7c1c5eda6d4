# /// script
# dependencies = ["dask[complete]"]
# ///
"""A lock cannot be sent to a worker."""

import threading

from dask.distributed import Client


def use(lock):
    return 1


if __name__ == "__main__":
    client = Client()
    print(client.submit(use, threading.Lock()).result())
