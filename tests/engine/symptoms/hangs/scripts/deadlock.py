"""A worker forgets a task that its scheduler believes it works on."""

import time

from dask.distributed import Client


def nap():
    time.sleep(1)


def forget(dask_worker):
    state = dask_worker.state
    for key, task in list(state.tasks.items()):
        if task.state in ("ready", "waiting", "constrained"):
            state.ready.discard(task)
            state.waiting.discard(task)
            del state.tasks[key]


if __name__ == "__main__":
    with Client() as client:
        futures = client.map(lambda number: nap(), range(12), pure=False, workers=None)
        time.sleep(0.3)
        client.run(forget)
        print(len(client.gather(futures)))
