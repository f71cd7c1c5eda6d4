"""It waits for an event of the cluster's that nobody sets."""

from dask.distributed import Client, Event

if __name__ == "__main__":
    with Client() as client:
        print(client.submit(int, 5).result(), flush=True)
        Event("never").wait()
