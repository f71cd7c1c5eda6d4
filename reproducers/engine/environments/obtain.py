"""The one way to an environment: what is asked for, resolved, built where it is missing, held."""

from reproducers.engine.environments.environment import Environment
from reproducers.engine.events import Cancelled, Emit
from reproducers.engine.job import EnvironmentSpec, Isolation


def obtain(
    spec: EnvironmentSpec,
    *,
    emit: Emit,
    cancelled: Cancelled,
    isolation: Isolation = "bubblewrap",
) -> Environment:
    """The environment of `spec`, built if this machine has not got it, held until closed.

    Raises EnvironmentRefused (a verdict), MissingPython, UnknownRelease, EnvironmentServiceError
    (index or disk), IsolationError, and Cancellation.
    """
    raise NotImplementedError
