"""Without a cluster: two tasks take two locks in different order."""

import threading

import dask

LEFT, RIGHT = threading.Lock(), threading.Lock()
BOTH = threading.Barrier(2)


def work(first, second):
    with first:
        BOTH.wait()
        with second:
            return 1


if __name__ == "__main__":
    tasks = [dask.delayed(work)(LEFT, RIGHT), dask.delayed(work)(RIGHT, LEFT)]
    print(dask.compute(*tasks, scheduler="threads", num_workers=2))
