# /// script
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# symptom = "slow"
# timeout = "6s"
# ///
"""It counts for ever, in several threads: no two looks at it find the same."""

import threading

import dask


def depth(number):
    return 0 if number == 0 else 1 + max(depth(number - 1), depth(number - 1))


def count():
    while True:
        depth(8)


for _ in range(3):
    threading.Thread(target=count, daemon=True).start()
dask.delayed(count)().compute(scheduler="sync")
