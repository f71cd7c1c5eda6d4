"""A task waits for a lock of the cluster's that the client holds for ever."""

from dask.distributed import Client, Lock


def guarded(x):
    with Lock("door"):
        return x


if __name__ == "__main__":
    with Client() as client:
        Lock("door").acquire()
        print(client.submit(guarded, 1).result())
