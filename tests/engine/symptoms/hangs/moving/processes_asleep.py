"""Tasks that sleep in processes where nobody looks."""

import time

import dask


def nap(seconds):
    time.sleep(seconds)
    return seconds


if __name__ == "__main__":
    print(dask.delayed(nap)(1000).compute(scheduler="processes", num_workers=1))
