"""Real environments for tests: built beside the test process, which itself reaches loopback only.

They lie in the home of whoever runs the tests, so that a second run is quick.
"""

import subprocess
import sys

from reproducers.engine.environments import Environment, obtain
from reproducers.engine.job import EnvironmentSpec, Job

BUILD_SECONDS = 540
_BUILDER = """
import sys
from reproducers.engine.environments import EnvironmentRefused, obtain
from reproducers.engine.job import Job

spec = Job.from_json(sys.stdin.read()).environment
try:
    obtain(spec, emit=lambda event: None, cancelled=lambda: False).close()
except EnvironmentRefused:
    pass  # remembered: the test gets to see it
"""


def build(spec: EnvironmentSpec) -> None:
    """Build an environment from the index, if it is not there yet."""
    subprocess.run(
        [sys.executable, "-c", _BUILDER],
        input=Job(script="", environment=spec).to_json(),
        text=True,
        check=True,
        timeout=BUILD_SECONDS,
    )


def built(spec: EnvironmentSpec) -> Environment:
    """A real environment, to be closed; raises EnvironmentRefused where there is none."""
    build(spec)
    return obtain(spec, emit=lambda event: None, cancelled=lambda: False)
