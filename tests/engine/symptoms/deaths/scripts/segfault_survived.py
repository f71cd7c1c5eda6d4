"""A worker crashes once; the task is tried again elsewhere, and the script ends well."""

import ctypes
from pathlib import Path

from dask.distributed import Client


def fall_once(path):
    if not Path(path).exists():
        Path(path).touch()
        ctypes.string_at(0)
    return 5


if __name__ == "__main__":
    with Client() as client:
        print(client.submit(fall_once, "/work/been-there").result())
