"""One trial in a child: watched, kept alive by heartbeats, and settled exactly once."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from reproducers.domain.artifacts import COUNT
from reproducers.domain.reports import refusal_report
from reproducers.domain.trials import LeaseLost, give_back_trial, heartbeat, record_trial
from reproducers.engine.events import Event
from reproducers.engine.executors.process import (
    Finished,
    JobProcess,
    KeptFile,
    Message,
    Refusal,
)
from reproducers.models import Trial

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS: Final = 1.0
CANCEL_SECONDS: Final = 3.0
LAST_WORDS_SECONDS: Final = 5.0
DATABASE_PAUSE_SECONDS: Final = 0.5
SERVICE_PAUSE: Final = timedelta(seconds=30)
"""How long a trial rests after the index or the disk failed."""

OVERHEAD_SECONDS: Final = 3600.0
"""What all but the script may take, a first build of an environment among it."""

DATABASE_IS_AWAY: Final = (OperationalError, InterfaceError)

Start = Callable[[str], JobProcess]
WhenOver = Callable[["TrialRun"], None]


class TrialRun(threading.Thread):
    """Runs a leased trial in a thread of its own; `when_over` is called at the very end.

    Raises OSError where no process can be started.
    """

    def __init__(self, trial: Trial, *, start: Start, when_over: WhenOver) -> None:
        super().__init__(name=f"trial-{trial.pk}", daemon=True)
        assert trial.lease_token is not None
        self.trial, self._token, self._when_over = trial, trial.lease_token, when_over
        self._process = start(trial.job_json())
        self._stopping = threading.Event()
        self._is_lost = self._is_cancelled = False
        self._newest: Event | None = None
        self._files: dict[str, bytes] = {}
        self._ends_by = time.monotonic() + _longest_seconds(trial)
        self._asked_at: float | None = None

    def stop(self) -> None:
        """End it soon and give the trial back."""
        self._stopping.set()
        self._process.nudge()

    def look_now(self) -> None:
        """Ask at once whether it is to be cancelled."""
        self._process.nudge()

    def run(self) -> None:
        try:
            last = self._watch()
            self._process.close()
            self._settle(last)
        except Exception:
            logger.exception("Trial %s was dropped; it is requeued in a while", self.trial.pk)
        finally:
            self._process.kill()
            self._when_over(self)

    def _watch(self) -> Message:
        """Hear the child out, with a heartbeat a second; its final message."""
        next_beat = time.monotonic()
        while True:
            message = self._process.next(seconds=next_beat - time.monotonic())
            if isinstance(message, Event):
                self._newest = message
            elif isinstance(message, KeptFile):
                self._keep(message)
            elif message is not None:
                return message
            if message is None or time.monotonic() >= next_beat:
                next_beat = time.monotonic() + HEARTBEAT_SECONDS
                self._beat()
            self._end_in_time()

    def _keep(self, file: KeptFile) -> None:
        if len(self._files) < COUNT:
            self._files[file.name] = file.content

    def _beat(self) -> None:
        try:
            answer = heartbeat(
                trial=self.trial,
                lease_token=self._token,
                progress=self._newest,
                now=timezone.now(),
            )
        except DATABASE_IS_AWAY:
            connection.close()
            logger.warning("Trial %s runs on while the database is away", self.trial.pk)
            return
        self._is_lost = answer.lost
        self._is_cancelled = self._is_cancelled or answer.cancel

    def _end_in_time(self) -> None:
        """Ask the child to end once that is wanted, and end it by force when it does not."""
        now = time.monotonic()
        if self._asked_at is None:
            if self._is_unwanted or now > self._ends_by:
                self._process.cancel()
                self._asked_at = now
        elif now > self._asked_at + CANCEL_SECONDS:
            self._process.kill()

    @property
    def _is_unwanted(self) -> bool:
        return self._is_lost or self._is_cancelled or self._stopping.is_set()

    def _settle(self, last: Message) -> None:
        """Write down how it ended, as often as it takes for the database to hear it."""
        give_up_at = None
        while give_up_at is None or time.monotonic() < give_up_at:
            try:
                return self._write(last)
            except LeaseLost:
                logger.info("Trial %s is no longer this runner's", self.trial.pk)
                return None
            except DATABASE_IS_AWAY:
                connection.close()
                time.sleep(DATABASE_PAUSE_SECONDS)
            if self._stopping.is_set() and give_up_at is None:
                give_up_at = time.monotonic() + LAST_WORDS_SECONDS
        logger.warning("Trial %s could not be given back; its lease will end", self.trial.pk)
        return None

    def _write(self, last: Message) -> None:
        if isinstance(last, Finished):
            self._record(last.report_json)
        elif self._is_unwanted:
            self._give_back("")
        elif isinstance(last, Refusal) and last.retryable:
            self._give_back(f"{last.message} {last.remedy}".strip(), retry_after=SERVICE_PAUSE)
        elif isinstance(last, Refusal):
            report = refusal_report(code=last.code, message=last.message, remedy=last.remedy)
            self._record(report.to_json().encode())
        elif self._asked_at is not None:
            self._give_back("Its run did not end by itself and was stopped.")
        else:
            self._give_back("Its process went down without a report.")

    def _record(self, report_json: bytes) -> None:
        try:
            trial = record_trial(
                trial_id=self.trial.pk,
                lease_token=self._token,
                report_json=report_json,
                artifacts=self._files,
                now=timezone.now(),
            )
        except DATABASE_IS_AWAY:
            raise
        except DatabaseError:
            logger.exception("The report of trial %s cannot be kept", self.trial.pk)
            self._give_back("Its report could not be kept.")
        else:
            logger.info("Trial %s %s: %s", trial.pk, trial.state, trial.verdict)

    def _give_back(self, failure: str, *, retry_after: timedelta = timedelta(0)) -> None:
        give_back_trial(
            trial_id=self.trial.pk,
            lease_token=self._token,
            failure=failure,
            retry_after=retry_after,
            now=timezone.now(),
        )
        logger.info("Trial %s was given back. %s", self.trial.pk, failure)


def _longest_seconds(trial: Trial) -> float:
    job = trial.job
    assert job is not None
    longest: float = job["policy"]["timeout_seconds"] * job["tries"] + OVERHEAD_SECONDS
    return longest
