"""A task that asks for a resource which no worker has, and one that waits for it."""

from dask.distributed import Client


def more(x):
    return x + 1


if __name__ == "__main__":
    with Client() as client:
        first = client.submit(int, 5, resources={"unobtainium": 1})
        print(client.submit(more, first).result())
