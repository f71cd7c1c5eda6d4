"""Whether an environment works: it imports, starts a cluster and adds up."""

from pathlib import Path
from typing import Final

from reproducers.engine.environments import uv
from reproducers.engine.environments.enclosed import Enclosed
from reproducers.engine.environments.environment import EnvironmentRefused
from reproducers.engine.environments.layout import ENVIRONMENT
from reproducers.engine.sandbox.policy import SandboxOutcome
from reproducers.engine.verdicts import Verdict

SECONDS: Final = 120.0
CANARY: Final = "/canary.py"
SOURCE: Final = Path(__file__).parent.parent / "inside" / "canary.py"


def try_out(enclosed: Enclosed, tree: Path) -> None:
    """Run the canary in the environment at `tree`; raises EnvironmentRefused where it fails.

    It is the first that runs code of the environment: without the network, and with nothing of the
    environment to write to.
    """
    layout = enclosed.layout
    outcome = enclosed.python(
        (f"{layout.place(tree, ENVIRONMENT)}/bin/python", layout.place(SOURCE, CANARY)),
        mounts=(*layout.mount(tree, ENVIRONMENT), *layout.mount(SOURCE, CANARY)),
        note="checking",
        seconds=SECONDS,
    )
    if outcome.exit_status != 0:
        raise _refused(outcome)


def _refused(outcome: SandboxOutcome) -> EnvironmentRefused:
    detail = uv.plain(outcome.stderr)[-uv.DETAIL_CHARACTERS :]
    if outcome.limit is not None:
        reason = f"its cluster did not start and add up: the {outcome.limit} limit ended it"
    else:
        said = [line.strip() for line in detail.splitlines() if line.strip()]
        reason = said[-1][: uv.REASON_CHARACTERS] if said else "it ended without a word"
    return EnvironmentRefused(
        Verdict.BAD_ENVIRONMENT, f"The environment does not work: {reason}", detail
    )
