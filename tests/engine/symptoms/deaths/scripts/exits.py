"""A task ends its worker's process."""

import os

from dask.distributed import Client

if __name__ == "__main__":
    with Client() as client:
        print(client.submit(os._exit, 3).result())
