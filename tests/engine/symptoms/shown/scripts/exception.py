# /// script
# dependencies = ["dask[complete]"]
# ///
"""A task fails on a worker, and what the cluster says while it closes comes after that."""

from dask.distributed import Client


def divide(number):
    return 1 / number


if __name__ == "__main__":
    with Client() as client:
        client.submit(divide, 0).result()
