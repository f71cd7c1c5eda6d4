"""A long task that does one small thing after another, and mostly waits."""

import time

from dask.distributed import Client


def first():
    time.sleep(0.3)


def second():
    time.sleep(0.3)


def long(times):
    for _ in range(times):
        first()
        second()


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(long, 1000).result())
