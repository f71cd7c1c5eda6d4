"""Runs inside a sandbox in a new environment: does it import, start a cluster and add up?

Started as a file, never imported. Exit 0 says that it does; else the last line of the traceback is
the reason.
"""

from __future__ import annotations

import importlib
import importlib.util


def total() -> int:
    """100, by an array where there is NumPy, else by delayed functions."""
    if importlib.util.find_spec("numpy") is not None:
        ones = importlib.import_module("dask.array").ones((10, 10), chunks=5)
        return int(ones.sum().compute())
    dask = importlib.import_module("dask")
    return sum(dask.compute(*[dask.delayed(int)("1") for _ in range(100)]))


def main() -> None:
    distributed = importlib.import_module("distributed")
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster):
        found = total()
    if found != 100:
        raise SystemExit(f"a hundred ones added up to {found}")


if __name__ == "__main__":
    main()
