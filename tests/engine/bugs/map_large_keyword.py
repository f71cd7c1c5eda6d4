# /// script
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# symptom = "exception"
# reported = "2026.8.0"
# ///
"""`Client.map` with a keyword argument of over a megabyte, which is sent once for all tasks."""

import numpy as np
from dask.distributed import Client


def scaled(number: int, factors: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> int:
    return number * len(factors)


if __name__ == "__main__":
    with Client() as client:
        futures = client.map(scaled, [1, 2], factors=np.zeros(200_000))
        print(client.gather(futures))
