"""A queue that drains slowly: a task a second or so, for a long time."""

import time

from dask.distributed import Client


def nap(number):
    time.sleep(1)
    return number


if __name__ == "__main__":
    with Client() as client:
        print(len(client.gather(client.map(nap, range(1000)))))
