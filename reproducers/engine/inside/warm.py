"""Waits for a script with everything imported that it will import first, and then runs that one.

    warm.py WANTED               (JSON: `settings`, `modules`, `cluster`)

It says that it is ready on standard output, reads the script (JSON: `settings`, `source`) from
standard input to its end, and runs it as `entry.py` would. It ends without running it where what
was got ready does not suit the script; the host then starts afresh.
"""

from __future__ import annotations

import io
import json
import os
import sys
from typing import Any

ROOT = __file__.rsplit("/reproducers/", 1)[0]
READY = b"ready\n"
UNFIT = 118


def main() -> None:
    sys.path[0] = ROOT
    from reproducers.engine.inside import entry, private_client  # noqa: PLC0415 -- found at ROOT
    from reproducers.engine.inside.settings import Settings  # noqa: PLC0415

    wanted: dict[str, Any] = json.loads(sys.argv[1])
    settings = Settings(**wanted["settings"])
    sys.argv = [settings.script]
    sys.path[0] = settings.script.rpartition("/")[0]
    cluster = private_client.PrivateCluster(settings)
    if wanted["cluster"]:
        cluster.start(wanted["modules"])
    for name in wanted["modules"]:
        __import__(name)
    if wanted["cluster"]:
        get_versions()
        if not cluster.address():
            os._exit(UNFIT)
    os.write(1, READY)
    given = json.loads(arrival())
    if wanted["cluster"] and not private_client.is_for(given["source"]):
        os._exit(UNFIT)
    settings = Settings(**given["settings"])
    sys.argv = [settings.script]
    write(settings.script, given["source"])
    entry.enter(settings, entry.read(settings.script), wanted["cluster"])


def get_versions() -> None:
    """What every client does before it connects: it asks packages for their versions.

    Up to 2025.3 it imports numpy and pandas for that.
    """
    from distributed import versions  # noqa: PLC0415

    versions.get_versions()


def arrival() -> bytes:
    """What comes in, to its end; then there is no more input than in any other sandbox."""
    parts = []
    while part := os.read(0, 1 << 16):
        parts.append(part)
    if not parts:
        os._exit(UNFIT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    stream = like(sys.stdin)
    vars(sys).update(stdin=stream, __stdin__=stream)
    return b"".join(parts)


def like(stream: Any) -> Any:
    """Another text stream on the same descriptor, which may have become something else."""
    raw: Any = io.FileIO(0, "rb", closefd=False)
    raw.name = stream.name
    return io.TextIOWrapper(io.BufferedReader(raw), stream.encoding, stream.errors)


def write(script: str, source: str) -> None:
    with open(script, "wb") as file:
        file.write(source.encode("utf-8", "replace"))
    os.chmod(script, 0o444)


if __name__ == "__main__":
    main()
