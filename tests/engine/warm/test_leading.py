"""What a script does first, read from its text without parsing it."""

import pytest

from reproducers.engine.warm import leading

TOP = '''\
# /// script
# dependencies = ["dask[complete]"]
# ///
"""What it shows."""

from __future__ import annotations

import os, sys  # the standard library does not matter
import dask.array as da
from dask import (
    dataframe as dd,
    delayed,
)
from dask.distributed import Client, LocalCluster; import numpy as np
'''


def test_the_imports_above_everything_else_are_taken_in_their_order() -> None:
    assert leading.modules(f"{TOP}\nprint(1)\nimport pandas\n") == (
        *("dask.array", "dask", "dask.dataframe", "dask.distributed", "numpy"),
    )


@pytest.mark.parametrize(
    "first",
    {
        "a setting": "dask.config.set({'dataframe.query-planning': False})",
        "a variable": "os.environ['OMP_NUM_THREADS'] = '1'",
        "a condition": "if True:\n    import pyarrow",
        "an attempt": "try:\n    import pyarrow\nexcept ImportError:\n    pass",
        "text that is worked out": "f'{print(1)}'",
        "another package": "import xarray",
        "something beside the script": "from . import helper",
        "no end": "import (",
        "wrong depth": "  print(1)\n print(2)",
        "a name that is none": "import 1dask",
        "half an import": "from dask",
    }.items(),
    ids=lambda case: case[0],
)
def test_what_may_change_an_import_ends_the_beginning(first: tuple[str, str]) -> None:
    found = leading.modules(f"import os\nimport dask\n{first[1]}\nimport pandas\n")
    assert [name for name in found if name != "distributed"] == ["dask"]


def test_what_dask_imports_at_its_first_computation_is_taken_unless_something_is_set() -> None:
    assert leading.modules("import dask.bag\nprint(1)") == ("dask.bag", "distributed")
    assert leading.modules("import dask.bag\ndask.config.set({})") == ("dask.bag",)
    assert leading.modules("import dask\nfrom distributed import Client") == ("dask", "distributed")
    assert leading.modules("import numpy") == ("numpy",)


def test_a_script_that_imports_nothing_slow_has_no_modules() -> None:
    assert leading.modules("import os\n'text'\n") == ()
    assert leading.modules("") == ()


def test_however_much_is_imported_only_so_much_is_looked_at() -> None:
    many = "\n".join(f"import dask.part{number}" for number in range(100))
    assert len(leading.modules(many)) == leading.MODULES
    assert leading.modules("#" * leading.CHARACTERS + "\nimport dask\n") == ()


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("with Client() as client: pass", True),
        ("client = distributed.Client( )", True),
        ("client = Client(n_workers=2)", False),
        ("MyClient()", False),
        ("client = Client()\nprint(client.cluster)", False),
        ("client = Client()\nclient.shutdown()", False),
        ("x.compute()", False),
    ],
)
def test_a_cluster_is_wanted_by_who_calls_for_a_client_and_no_more(
    script: str, wanted: bool
) -> None:
    assert leading.wants_cluster(script) is wanted
