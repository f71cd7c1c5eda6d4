"""A callback stops the event loop of the client, which then hears nothing any more."""

import threading

from dask.distributed import Client

if __name__ == "__main__":
    with Client() as client:
        client.loop.add_callback(threading.Event().wait)
        print(client.submit(int, 5).result())
