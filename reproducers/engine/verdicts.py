"""The words a trial can end with, and those for what it showed."""

from enum import StrEnum


class Verdict(StrEnum):
    """Only `reproduced` and `clean` are evidence; the rest says why a trial is none."""

    REPRODUCED = "reproduced"
    DIFFERENT = "different"
    CLEAN = "clean"
    BAD_ENVIRONMENT = "bad-environment"
    UNSATISFIABLE = "unsatisfiable"
    LIMIT = "limit"
    INFRASTRUCTURE = "infrastructure"

    @property
    def is_evidence(self) -> bool:
        return self in {Verdict.REPRODUCED, Verdict.CLEAN}


class Symptom(StrEnum):
    """What a script shows; `spec` of the runner tells how each is recognised."""

    EXCEPTION = "exception"
    WRONG_RESULT = "wrong-result"
    HANG = "hang"
    KILLED_WORKER = "killed-worker"
    MEMORY = "memory"
    CRASH = "crash"
    SLOW = "slow"
    WARNING = "warning"
