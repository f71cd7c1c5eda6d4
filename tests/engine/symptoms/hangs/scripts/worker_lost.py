"""A worker's process is stopped while it works: it is never heard of again, and never replaced."""

import os
import signal
import time

from dask.distributed import Client


def frozen():
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(1)


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(frozen).result())
