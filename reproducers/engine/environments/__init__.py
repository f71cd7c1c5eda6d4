"""Environments: one per lock, built once from the one index, shared read-only.

Nothing of an environment is ever imported or executed on the host: what downloads has the network
and runs no code of it, what runs its code has no network, and both are sandboxes.
"""

from reproducers.engine.environments.environment import Environment, EnvironmentRefused
from reproducers.engine.environments.obtain import obtain

__all__ = ["Environment", "EnvironmentRefused", "obtain"]
