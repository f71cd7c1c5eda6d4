"""The scripts of the demonstration's tickets: each shows a real bug of Dask, or shows that it is
not there. What they came to on real runners is kept in `recorded.json`."""

from typing import Final

SCRIPTS: Final[dict[str, str]] = {
    "merchant_names": """\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]", "pyarrow"]
# ///
import dask.dataframe as dd
import pandas as pd

payments = pd.DataFrame({"merchant": [4, 2, 0, 3, 1, 2, 4, 0, 3] * 4})
merchants = pd.Series(["Ferry", "Bakery", "Grocer", "Garage", "Museum"], name="merchant")

if __name__ == "__main__":
    ours = dd.from_pandas(payments, npartitions=3)
    names = dd.from_pandas(merchants, npartitions=2)
    labelled = ours.merchant.map(names, meta=("merchant", "object")).compute()
    lost = int(labelled.isna().sum())
    assert lost == 0, f"{lost} of {len(payments)} payments lost their merchant"
""",
    "two_time_steps": '''\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]"]
# ///
"""Two steps of a virtual archive: 2**41 of them along the first axis, none of them computed."""

import dask.array as da

if __name__ == "__main__":
    archive = da.zeros((2**41, 4), chunks=(2**32, 4), dtype="f4")
    steps = archive[[12, 2**40]]
    print(steps.shape, steps.compute().sum())
''',
    "flagged_scenes": """\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]"]
# ///
import dask.array as da
import numpy as np

if __name__ == "__main__":
    scenes = da.arange(7, chunks=3)
    good = [True, True, False, True, False, False, True]
    column = scenes[good, np.newaxis]
    print(column.compute())
""",
    "nested_futures": """\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]"]
# ///
from dask.distributed import Client


def forecast(history):
    return sum(history) / len(history)


if __name__ == "__main__":
    with Client() as client:
        week = client.scatter([10, 12, 11], hash=False)
        print(client.gather(client.map(forecast, [week, week[:2]])))
""",
    "restated_balance": """\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]", "pyarrow"]
#
# [tool.repro]
# symptom = "slow"
# timeout = "30s"
# ///
import dask.dataframe as dd
import pandas as pd

if __name__ == "__main__":
    book = dd.from_pandas(pd.DataFrame({"balance": range(100), "rate": 1.0}), npartitions=2)
    for month in range(24):
        book["balance"] = book["balance"] * book["rate"] + book["balance"]
    print(book.compute().balance.sum())
""",
    "basket_lengths": """\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]", "pyarrow"]
# ///
import dask.dataframe as dd
import pandas as pd

if __name__ == "__main__":
    baskets = dd.from_pandas(pd.Series([3, 1, 7, 2], name="items"), npartitions=1)
    print(baskets.to_dask_array(lengths=True).chunks)
""",
    "shared_weights": """\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]"]
# ///
import numpy as np
from dask.distributed import Client

WEIGHTS = np.ones(300_000)


def weigh(item, weights):
    return item * weights.sum()


if __name__ == "__main__":
    with Client() as client:
        print(client.gather(client.map(weigh, range(3), weights=WEIGHTS)))
""",
    "kept_futures": """\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# tries = 5
# ///
from time import sleep

from dask.distributed import Client, wait

if __name__ == "__main__":
    with Client() as client:
        for _ in range(10):
            futures = client.map(lambda x: bytes(10_000) * x, range(50), pure=False)
            wait(futures)
            del futures
        sleep(1)
        left = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
        assert left == 0, f"{left} tasks are still on the scheduler"
""",
    "private_features": """\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]", "kestrel-features>=3"]
# ///
import dask.dataframe as dd
import pandas as pd
from kestrel_features import rolling_exposure

if __name__ == "__main__":
    trades = dd.from_pandas(pd.DataFrame({"desk": [1, 2], "amount": [3.0, 4.0]}), npartitions=1)
    print(rolling_exposure(trades).compute())
""",
}
