"""It takes from a queue of the cluster's that stays empty."""

from dask.distributed import Client, Queue

if __name__ == "__main__":
    with Client():
        print(Queue("empty").get())
