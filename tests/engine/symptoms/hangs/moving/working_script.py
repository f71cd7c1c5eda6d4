"""It computes while its cluster has nothing to do."""

from dask.distributed import Client

if __name__ == "__main__":
    with Client() as client:
        print(client.submit(int, 5).result())
        found = 0
        while True:
            found += 1
