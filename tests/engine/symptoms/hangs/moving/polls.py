"""It looks again and again whether a long task is done."""

import time

from dask.distributed import Client


def count(number):
    found = 0
    for one in range(number):
        found += one % 3
    return found


if __name__ == "__main__":
    with Client() as client:
        future = client.submit(count, 10**10)
        while not future.done():
            time.sleep(0.1)
