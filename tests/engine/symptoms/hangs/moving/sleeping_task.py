"""A task that sleeps, as it was told."""

import time

from dask.distributed import Client

if __name__ == "__main__":
    with Client() as client:
        print(client.submit(time.sleep, 1000).result())
