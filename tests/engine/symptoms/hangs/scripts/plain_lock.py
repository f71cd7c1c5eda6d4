"""Without Dask: it takes the same lock twice."""

import threading

lock = threading.Lock()
lock.acquire()
lock.acquire()
