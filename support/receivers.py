"""Words that come up from the apps below.

A receiver only writes rows, in the transaction of the sender.
"""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from contracts.models import Contract
from contracts.signals import contract_changed
from reproducers.models import Experiment
from reproducers.signals import experiment_ended
from support.domain.cycles import resettle_clocks
from support.domain.experiments import note_end


@receiver(experiment_ended)
def on_experiment_ended(experiment: Experiment, now: datetime, **_: Any) -> None:
    """Write what it came to into the ticket's book, and queue the verdict for the tracker."""
    note_end(experiment=experiment, now=now)


@receiver(contract_changed)
def on_contract_changed(contract: Contract, **_: Any) -> None:
    """Hours or dates changed: open clocks are computed anew (sla.md, rule 6)."""
    resettle_clocks(organization=contract.organization)
