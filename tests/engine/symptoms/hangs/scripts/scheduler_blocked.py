"""A function that runs in the scheduler's event loop stops it."""

import threading

from dask.distributed import Client


def stop():
    threading.Event().wait()


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(int, 4).result(), flush=True)
        client.run_on_scheduler(stop)
