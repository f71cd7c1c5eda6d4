"""A coroutine task sleeps as a thread would, and so stops its worker's event loop."""

import time

from dask.distributed import Client


async def rude(seconds):
    time.sleep(seconds)


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(rude, 100_000).result())
