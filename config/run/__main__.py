"""Start everything in order, say where it answers, and end all of it when asked."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from config import places
from config.run import checks
from config.run.console import Console
from config.run.errors import StartError
from config.run.supervisor import ENGINES, Supervisor, programs
from web.errors import HeadwaterError

SEE_ABOVE = "Its lines are above."


class Stopped(Exception):
    """Somebody asked us to stop."""


def environment(*, port: int) -> dict[str, str]:
    """What the processes get: ours, our own programs first, and no noise on the console."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
    }


def run(console: Console) -> None:
    """The whole life of `make run`, until a signal comes or something cannot be kept running."""
    state = checks.folder(places.state_folder())
    checks.folder(places.CHECKOUT / "var")
    with ExitStack() as running:
        running.enter_context(checks.the_only_one(state))
        port = checks.port()
        checks.secret_key(state)
        if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
            from config.run.servers import given_servers  # noqa: PLC0415 -- half a second

            given_servers()
        supervisor = Supervisor(
            commands=wanted_programs(port=port, state=state),
            state=state,
            run=state / "run",
            console=console,
            environment=environment(port=port),
        )
        running.callback(supervisor.stop)
        places.engines_are_ready().unlink(missing_ok=True)
        supervisor.start()
        if ENGINES in supervisor.commands:
            until(engines_answer(supervisor), seconds=120, what="The database")
        logins = prepare(supervisor.environment)
        supervisor.start_program("web")  # alone, so that people need not wait for the others
        until(web_answers(supervisor, port), seconds=120, what="The web process")
        for name in {*supervisor.commands} - {ENGINES, "web"}:
            supervisor.start_program(name)
        console.say(
            f"\nHeadwater answers at http://localhost:{port}/\n\n{logins}\nCtrl-C ends it.\n"
        )
        while True:
            supervisor.revive()
            time.sleep(2)


def wanted_programs(*, port: int, state: Path) -> dict[str, str]:
    """The Procfile's, without the engines where the environment names both servers."""
    values = {"PORT": str(port), "STATE": str(state)}
    commands = programs(places.CHECKOUT / "Procfile", values=values)
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        del commands[ENGINES]
    return commands


def until(answers: Callable[[], bool], *, seconds: float, what: str) -> None:
    give_up = time.monotonic() + seconds
    while not answers():
        if time.monotonic() > give_up:
            raise StartError(f"{what} did not answer within {seconds:g} s.", remedy=SEE_ABOVE)
        time.sleep(0.05)


def engines_answer(supervisor: Supervisor) -> Callable[[], bool]:
    def answer() -> bool:
        supervisor.check()
        return places.engines_are_ready().exists()

    return answer


def web_answers(supervisor: Supervisor, port: int) -> Callable[[], bool]:
    def answer() -> bool:
        supervisor.check()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
            status = connection.getresponse().status
        except OSError:
            return False
        finally:
            connection.close()
        if status >= 500:
            raise StartError(f"The web process answers with error {status}.", remedy=SEE_ABOVE)
        return True

    return answer


def prepare(environment: Mapping[str, str]) -> str:
    """Bring the database up to date; answers who can sign in, where there is demo data."""
    command = [sys.executable, str(places.CHECKOUT / "manage.py"), "prepare"]
    prepared = subprocess.run(  # noqa: S603 -- our own program, no shell
        command, env=dict(environment), cwd=places.CHECKOUT, stdout=subprocess.PIPE, check=False
    )
    if prepared.returncode != 0:
        raise StartError("The database could not be prepared.", remedy="The reason is above.")
    return prepared.stdout.decode()


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # asked once is enough: let the stopping finish
    raise Stopped


def main() -> int:
    """Exit 0 when asked to stop, 1 with a clear line when something was not as it must be."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    console = Console()
    try:
        run(console)
    except Stopped:
        console.say("Headwater has ended.")
    except HeadwaterError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
