"""`repro`: the engine with a face. Each command is a module of `reproducers/engine/commands`."""

import sys
from importlib import import_module
from typing import Final

import click

from reproducers.engine.commands.frame import carry_out

COMMANDS: Final = ("run", "env", "submit", "status", "login", "doctor")


class Commands(click.Group):
    """Imports a command when it is asked for: `repro run` shall not wait for the others."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = import_module(f"reproducers.engine.commands.{name}")
        command: click.Command = getattr(module, name)
        return command


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="headwater", prog_name="repro")
def repro() -> None:
    """Does this script show its problem, on which release of Dask, and how surely?

    Exit status: 0 a verdict (1 where --fail-on names it), 2 usage or metadata, 3 the environment
    service failed, 4 no sandbox, 5 server, 130 interrupted.
    """


def main() -> None:
    """What the `repro` program runs."""
    sys.exit(carry_out(repro, sys.argv[1:]))


if __name__ == "__main__":
    main()
