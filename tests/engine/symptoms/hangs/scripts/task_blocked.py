"""A task waits for an event that nobody will set."""

import threading

from dask.distributed import Client


def patient(x):
    threading.Event().wait()
    return x


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(patient, 1).result())
