"""It waits for an event of the cluster's, but not for ever."""

from dask.distributed import Client, Event

if __name__ == "__main__":
    with Client():
        print(Event("later").wait(timeout=1000))
