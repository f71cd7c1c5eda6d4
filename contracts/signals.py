"""Words that go upwards, sent inside the transaction of their cause."""

from django.dispatch import Signal

contract_changed = Signal()
"""`contract`: its dates, status or SLA policy changed."""
