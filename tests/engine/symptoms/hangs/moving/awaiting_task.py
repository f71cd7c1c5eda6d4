"""A coroutine that waits, as it was told."""

import asyncio

from dask.distributed import Client

if __name__ == "__main__":
    with Client() as client:
        print(client.submit(asyncio.sleep, 1000).result())
