"""A task kills its worker's process as the kernel would."""

import os
import signal

from dask.distributed import Client


def die():
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(die).result())
