"""The control of a wrong result: whatever asks Dask for a scheduler gets the synchronous one.

`compute` in all its spellings asks `dask.base.get_scheduler`, also where a Client has made itself
the default. What is given to a Client by name (`submit`, `map`, `client.compute`) asks nobody.
"""

from __future__ import annotations

import sys
from typing import Any

from reproducers.engine.inside.private_client import AfterImport


def install() -> None:
    sys.meta_path.insert(0, AfterImport("dask.base", force))


def force(base: Any) -> None:
    def get_scheduler(*arguments: Any, **keywords: Any) -> Any:
        from dask.local import get_sync  # noqa: PLC0415 -- dask is just being imported

        return get_sync

    base.get_scheduler = get_scheduler
