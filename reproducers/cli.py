"""`repro`: the engine with a face. Each command is a module of `reproducers/engine/commands`."""

import sys

import click

from reproducers.engine.commands.doctor import doctor
from reproducers.engine.commands.frame import carry_out
from reproducers.engine.commands.login import login
from reproducers.engine.commands.run import run
from reproducers.engine.commands.status import status
from reproducers.engine.commands.submit import submit


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="headwater", prog_name="repro")
def repro() -> None:
    """Does this script show its problem, on which release of Dask, and how surely?

    Exit status: 0 a verdict (1 where --fail-on names it), 2 usage or metadata, 3 the environment
    service failed, 4 no sandbox, 5 server, 130 interrupted.
    """


for command in (run, submit, status, login, doctor):
    repro.add_command(command)


def main() -> None:
    """What the `repro` program runs."""
    sys.exit(carry_out(repro, sys.argv[1:]))


if __name__ == "__main__":
    main()
