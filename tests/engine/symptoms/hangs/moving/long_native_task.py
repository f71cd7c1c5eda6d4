"""One long task whose C code keeps the interpreter's lock while it computes."""

from dask.distributed import Client


def count(number):
    return sum(range(number))


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(count, 10**11).result())
