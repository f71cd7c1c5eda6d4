# /// script
# dependencies = ["dask[complete]"]
# ///
"""A task ends its worker."""

import ctypes

import dask.array as da
from dask.distributed import Client


def broken(block):
    ctypes.string_at(0)
    return block


if __name__ == "__main__":
    client = Client()
    print(da.ones(4, chunks=2).map_blocks(broken, dtype=float, meta=da.ones(1)._meta).compute())
