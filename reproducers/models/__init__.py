"""The records of experiments: reproducers, experiments, trials, artifacts, runners."""

from reproducers.models.experiments import Artifact, Experiment, Trial
from reproducers.models.reproducers import Reproducer
from reproducers.models.runners import Runner

__all__ = ["Artifact", "Experiment", "Reproducer", "Runner", "Trial"]
