"""`repro env`: the environments of this machine. Each command is a module `env_<name>`."""

from importlib import import_module
from typing import Final

import click

COMMANDS: Final = ("list", "build", "import", "verify", "prune")


class EnvironmentCommands(click.Group):
    """Imports a command when it is asked for: `env_list` of the module `env_list`, and so on."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = import_module(f"reproducers.engine.commands.env_{name}")
        command: click.Command = getattr(module, f"env_{name}")
        return command


@click.group(cls=EnvironmentCommands, short_help="List, build, verify and prune environments.")
def env() -> None:
    """The environments of this machine: one for each release of Dask, Python and day.

    They lie under REPRO_HOME and may take REPRO_SIZE together (20GiB); files that several of them
    have count once.
    """
