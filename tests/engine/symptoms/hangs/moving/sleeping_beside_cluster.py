"""It sleeps while its cluster has nothing to do."""

import time

from dask.distributed import Client

if __name__ == "__main__":
    with Client() as client:
        print(client.submit(int, 5).result())
        time.sleep(1000)
