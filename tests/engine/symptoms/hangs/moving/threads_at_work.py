"""Without a cluster: the threaded scheduler has a long task."""

import dask


def count(number):
    found = 0
    for one in range(number):
        found += one % 3
    return found


if __name__ == "__main__":
    print(dask.delayed(count)(10**10).compute(scheduler="threads"))
