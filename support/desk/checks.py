"""The set-up checks itself: each line looks now, says what it found, and names the remedy."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPException

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from reproducers.domain.known_bug import is_as_expected, latest_judgement
from reproducers.models import DaskRelease, Experiment, Runner
from support.gateways import github
from support.gateways.github_access import is_configured
from support.models import Delivery
from web.errors import HeadwaterError

PING_SECONDS = 1.0
OPERATING = "docs/operating.md"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line. `is_ok` None: switched off, which is no fault, or what `word` says.

    `at`: when it was last seen. `command` or the button `action` does what the remedy says.
    """

    name: str
    is_ok: bool | None
    found: str
    remedy: str = ""
    at: datetime | None = None
    word: str = ""
    command: str = ""
    action: str = ""

    @property
    def said(self) -> str:
        words = {True: "works", False: "does not work", None: "switched off"}
        return self.word or words[self.is_ok]

    @property
    def shape(self) -> str:
        return {True: "met", False: "cannot", None: "run" if self.word else "untried"}[self.is_ok]


def check_all(*, now: datetime) -> list[Check]:
    """Every check, in the order in which one sets up; those that wait for others at once."""
    with ThreadPoolExecutor(max_workers=3) as pool:
        waiting = [pool.submit(check) for check in (check_worker, check_mail, check_github)]
        near = [check_database(), check_redis()]
        runners = [check_runners(now=now), check_releases(), check_known_bug()]
        worker, mail, tracker = (one.result() for one in waiting)
    return [*near, worker, *runners, mail, tracker, check_webhook()]


def check_database() -> Check:
    name = "Database"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version')")
            version = cursor.fetchone()[0]
    except DatabaseError as error:
        return Check(name=name, is_ok=False, found=str(error), remedy="Look at DATABASE_URL.")
    return Check(name=name, is_ok=True, found=f"PostgreSQL {version} answers.")


def check_redis() -> Check:
    try:
        cache.set("set-up", "1", timeout=5)
    except (RedisError, OSError) as error:
        return Check(
            name="Redis",
            is_ok=False,
            found=f"It does not answer: {error}",
            remedy="Look at REDIS_URL. Nothing is lost meanwhile; what was queued waits.",
        )
    return Check(name="Redis", is_ok=True, found="It answers.")


def check_worker() -> Check:
    """Beat tells workers what to do when; a worker that answers shows that both can be reached."""
    try:
        answers = current_app.control.ping(timeout=PING_SECONDS)
    except (OperationalError, RedisError, OSError):
        answers = []
    if answers:
        return Check(name="Worker", is_ok=True, found=f"{len(answers)} answered.")
    return Check(
        name="Worker",
        is_ok=False,
        found="None answered within a second.",
        remedy="Start one. Until then mails and GitHub wait.",
        command="celery --app config worker",
    )


def check_runners(*, now: datetime) -> Check:
    alive = list(Runner.objects.alive(now))
    if not alive:
        last = Runner.objects.order_by("-heartbeat_at").first()
        return Check(
            name="Runner",
            is_ok=False,
            found="The last one was heard" if last else "None was ever here.",
            at=last.heartbeat_at if last else None,
            remedy="Start one on a Linux host with bubblewrap.",
            command="repro doctor && python manage.py runner",
        )
    told = [f"{one.name}, {one.isolation} with {one.limits} limits" for one in alive]
    if any(one.limits == "weak" for one in alive):
        return Check(
            name="Runner",
            is_ok=True,
            found=f"{'; '.join(told)}.",
            remedy="Weak limits: delegate cgroups to the runner.",
            command="repro doctor",
        )
    return Check(name="Runner", is_ok=True, found=f"{'; '.join(told)}.")


def check_releases() -> Check:
    newest = DaskRelease.objects.current().order_by("-uploaded_at").first()
    if newest is None:
        return Check(
            name="Releases of Dask",
            is_ok=False,
            found="The index was never read.",
            remedy="A worker and beat read it every hour; look at REPRO_INDEX_URL.",
        )
    found = f"{DaskRelease.objects.current().count()} releases, the newest {newest}, read"
    return Check(name="Releases of Dask", is_ok=True, found=found, at=newest.seen_at)


def check_known_bug() -> Check:
    """Environment, sandbox, cluster and records work where a real bug shows as it has to."""
    name, last = "Known bug", latest_judgement()
    if last is None:
        return Check(
            name=name,
            is_ok=False,
            word="never judged",
            found="Environment, sandbox and cluster were not tried together.",
            remedy="Two runs, about a minute the first time.",
            action="Judge one now",
        )
    if last.is_open:
        return Check(name=name, is_ok=None, word="is being judged", found="Reload in a minute.")
    if is_as_expected(last):
        return Check(name=name, is_ok=True, found=_came_to(last), at=last.ended_at)
    return Check(
        name=name,
        is_ok=False,
        found=_came_to(last),
        at=last.ended_at,
        remedy="Look at the runner's log, and at what its host lacks.",
        command="repro doctor",
        action="Judge it again",
    )


def _came_to(experiment: Experiment) -> str:
    told = [
        f"{trial.get_verdict_display() or trial.get_state_display()} on {trial.dask}"
        for trial in experiment.trials.all()
    ]
    return f"{', '.join(told).capitalize()},"


def check_mail() -> Check:
    if not settings.EMAIL_URL:
        return Check(
            name="Mail",
            is_ok=None,
            found="Mails are kept in var/mail and shown in the console.",
            remedy=f"Set EMAIL_URL to send them; {OPERATING} shows how.",
        )
    try:
        sending = get_connection(timeout=5)
        sending.open()
        sending.close()
    except (SMTPException, OSError) as error:
        return Check(
            name="Mail",
            is_ok=False,
            found=f"The server does not answer: {error}",
            remedy="Look at EMAIL_URL: its host, port, user and password.",
        )
    return Check(name="Mail", is_ok=True, found="The server lets us in.")


def check_github() -> Check:
    if not is_configured():
        return Check(
            name="GitHub",
            is_ok=None,
            found="No credentials are set, so trackers are not mirrored.",
            remedy="Set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, or GITHUB_TOKEN.",
        )
    try:
        who = github.known_as()
    except HeadwaterError as error:
        return Check(name="GitHub", is_ok=False, found=error.message, remedy=error.remedy)
    return Check(name="GitHub", is_ok=True, found=f"It knows us as {who}.")


def check_webhook() -> Check:
    name, last = "Webhook", Delivery.objects.order_by("-received_at").first()
    if not settings.GITHUB_WEBHOOK_SECRETS:
        return Check(
            name=name,
            is_ok=None,
            found="Without a secret every delivery is refused.",
            remedy="Set GITHUB_WEBHOOK_SECRETS, and the same secret on GitHub.",
        )
    if last is None:
        return Check(
            name=name,
            is_ok=False,
            found="None was ever received.",
            remedy=f"On GitHub, send them to {settings.PUBLIC_URL}/webhooks/github as JSON.",
        )
    return Check(name=name, is_ok=True, found="The last one came", at=last.received_at)
