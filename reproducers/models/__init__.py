"""The records of experiments: reproducers, releases, experiments, trials, artifacts, runners."""

from reproducers.models.experiments import Experiment
from reproducers.models.releases import DaskRelease
from reproducers.models.reproducers import Reproducer
from reproducers.models.runners import Runner
from reproducers.models.trials import Artifact, Trial

__all__ = ["Artifact", "DaskRelease", "Experiment", "Reproducer", "Runner", "Trial"]
