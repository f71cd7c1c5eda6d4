"""One long task that computes in Python."""

from dask.distributed import Client


def count(number):
    found = 0
    for one in range(number):
        found += one % 3
    return found


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(count, 10**10).result())
