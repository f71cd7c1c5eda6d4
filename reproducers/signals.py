"""The word that goes upwards, sent inside the transaction of its cause."""

from django.dispatch import Signal

experiment_ended = Signal()
"""`experiment`, `now`: every trial of it has ended, or it was cancelled."""
