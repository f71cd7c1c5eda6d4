"""Observations for tests, written down shortly."""

from typing import Any

from reproducers.engine.symptoms import Observation
from reproducers.engine.tracebacks import Captured, Frame, Raised

SCRIPT = "/work/script.py"
PACKAGES = "/env/lib/python3.11/site-packages"


def frames(*places: str) -> tuple[Frame, ...]:
    """Frames outermost first: `script:main`, `dask/base.py:compute`, or `/other.py:f`."""
    return tuple(map(frame, places))


def frame(place: str) -> Frame:
    path, _, function = place.rpartition(":")
    if path == "script":
        return Frame(file=SCRIPT, line=1, function=function, is_script=True)
    return Frame(
        file=path if path.startswith(("/", "<")) else f"{PACKAGES}/{path}",
        line=1,
        function=function,
    )


def raised(
    type: str, message: str = "", *places: str, module: str = "builtins", **rest: Any
) -> Observation:
    """A script that ended with exit status 1 because of that exception."""
    link = Raised(type=type, module=module, message=message, frames=frames(*places))
    facts = {"exit_status": 1, "exception": Captured(chain=(link,), traceback=""), **rest}
    return Observation(**facts)


KILLED_WORKER = raised(
    "KilledWorker",
    "Attempted to run task 'f-1' on 4 different workers",
    "script:main",
    "distributed/client.py:gather",
    "distributed/client.py:_gather",
    module="distributed.scheduler",
)
