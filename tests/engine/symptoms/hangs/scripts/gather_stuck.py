"""The result is there, but the worker that holds it never answers who asks for it."""

import asyncio

from dask.distributed import Client


def keep_quiet(dask_worker):
    async def never(*arguments, **keywords):
        await asyncio.sleep(100_000)

    dask_worker.handlers["get_data"] = never


if __name__ == "__main__":
    with Client() as client:
        future = client.submit(int, 5)
        client.run(keep_quiet)
        print(client.gather(future, direct=True))
