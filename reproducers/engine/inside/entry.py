"""Runs a script as `python SCRIPT` would, and writes down what ended it.

    entry.py SETTINGS            (`Settings.to_json`, read by `settings.py`)

What it writes to the output folder are hints that explain a verdict: `started.json`,
`exception.json`, `warnings.jsonl`, `stacks.txt`. They come from the script's own process, so the
host believes none of them against what it saw itself.
"""

from __future__ import annotations

import builtins
import os
import sys
import types
from typing import Any

OWN_FOLDER = __file__.rpartition("/")[0]
ROOT = OWN_FOLDER.rsplit("/reproducers/", 1)[0]
SPARE: list[int] = []  # for the exception of a script that has left us no descriptor
SPARES = 4


def main() -> None:
    sys.path[0] = ROOT
    from reproducers.engine.inside.settings import Settings  # noqa: PLC0415 -- found at ROOT

    settings = Settings.from_json(sys.argv[1])
    sys.argv = [settings.script]
    enter(settings, read(settings.script))


def read(script: str) -> str:
    with open(script, encoding="utf-8") as file:
        return file.read()


def enter(settings: Any, source: str, has_cluster: bool = False) -> None:
    """Run the script to its end; `has_cluster`: its private cluster is up."""
    from reproducers.engine.inside import (  # noqa: PLC0415 -- found at ROOT
        marks,
        performance,
        private_client,
    )

    sys.path[0] = settings.script.rpartition("/")[0]
    SPARE.extend(os.open(os.devnull, os.O_RDONLY) for _ in range(SPARES))
    marks.begin(settings)
    private_client.install(settings, source, has_cluster)
    if settings.sync:
        from reproducers.engine.inside import sync_scheduler  # noqa: PLC0415 -- of controls only

        sync_scheduler.install()
    try:
        run(settings.script, source, settings.output, keeps_result=settings.result)
    finally:
        performance.ask(settings)


def run(script: str, source: str, output: str, keeps_result: bool = False) -> None:
    """Execute the source as the main module; an exception is written down and printed."""
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=script, __builtins__=builtins, __cached__=None)
    own, sys.modules["__main__"] = sys.modules["__main__"], module
    try:
        exec(compile(source, script, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
        if keeps_result and "result" in module.__dict__:
            keep(module.__dict__["result"], output)
    except SystemExit as error:
        if error.code:
            record(error, output)
        raise
    except BaseException as error:  # whatever it is, it ended the script
        record(error, output)
        show(error)
        sys.exit(1)
    finally:
        sys.modules["reproducers.engine.inside.own"] = own  # else its globals are cleared


def keep(value: object, output: str) -> None:
    """Write a result down; what is lazy is computed first, as if the script did it."""
    from reproducers.engine.inside import results  # noqa: PLC0415 -- for comparisons only

    results.write(results.computed(value), output)


def record(error: BaseException, output: str) -> None:
    import contextlib  # noqa: PLC0415 -- most scripts do not fail

    while SPARE:
        with contextlib.suppress(OSError):  # the script has closed it
            os.close(SPARE.pop())
    from reproducers.engine.inside import capture  # noqa: PLC0415 -- most scripts do not fail

    capture.hide_own_frames(error, OWN_FOLDER)
    capture.write(error, output)


def show(error: BaseException) -> None:
    """Print the traceback as the interpreter does, by whatever hook the script has set."""
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    sys.excepthook(type(error), error, error.__traceback__)


if __name__ == "__main__":
    main()
