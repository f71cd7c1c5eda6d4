"""What this host offers to trials, found by starting a sandbox in a child that knows no secret."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Final

from reproducers.engine import gpus
from reproducers.engine.errors import IsolationError
from reproducers.engine.executors.process import child_environment
from reproducers.engine.job import Isolation
from reproducers.engine.sandbox import probes
from reproducers.engine.sandbox.properties import Enclosure

COMMAND: Final = (sys.executable, "-I", "-m", "reproducers.engine.executors.offer")
ANSWER_SECONDS: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The sandbox that really starts here, what keeps its limits, and how many GPUs it can show."""

    isolation: Isolation
    limits: str
    gpus: int = 0


def find_offer(isolation: Enclosure = "bubblewrap", *, code: str = "pass") -> Offer:
    """Start a sandbox and see. Raises IsolationError where none starts, or `code` fails in it."""
    looked = probes.inside(code, isolation=isolation)
    if looked.exit_status != 0:
        said = looked.stderr.decode("utf-8", "replace").strip()[-300:]
        raise IsolationError(
            f"A sandbox ended at once: {said}", remedy="`repro doctor` says what is missing."
        )
    # gVisor shows no devices of the host.
    shown = gpus.count() if isolation == "bubblewrap" else 0
    return Offer(isolation=isolation, limits=looked.limits, gpus=shown)


def ask_offer(
    isolation: Enclosure = "bubblewrap",
    *,
    environ: Mapping[str, str],
    command: tuple[str, ...] = COMMAND,
) -> Offer:
    """What a child found. Raises IsolationError where no such sandbox starts."""
    answer = subprocess.run(  # noqa: S603 -- our own program, no shell
        (*command, isolation),
        env=child_environment(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd="/",
        check=False,
        timeout=ANSWER_SECONDS,
    )
    facts = json.loads(answer.stdout or b"{}")
    if "isolation" not in facts:
        raise IsolationError(
            facts.get("message", "The sandbox could not be tried."),
            remedy=facts.get("remedy", "`repro doctor` says what is missing."),
        )
    return Offer(**facts)


def told(find: Callable[[], Offer] = find_offer) -> str:
    """The answer of a child, as JSON."""
    try:
        return json.dumps(asdict(find()))
    except IsolationError as error:
        return json.dumps({"message": error.message, "remedy": error.remedy})


if __name__ == "__main__":  # pragma: no cover -- in a process of its own
    sys.stdout.write(told(partial(find_offer, "gvisor" if "gvisor" in sys.argv else "bubblewrap")))
