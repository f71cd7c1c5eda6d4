"""What all commands share: one way in, one way out, errors alike for people and programs."""

import json
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final

import click

from reproducers.engine.commands.console import errors
from reproducers.engine.errors import EngineError
from reproducers.engine.events import Cancellation

SCHEMA: Final = 1
INTERRUPTED: Final = 130
USAGE: Final = 2
INTERNAL: Final = 70


def carry_out(group: click.Group, arguments: Sequence[str]) -> int:
    """Run a command line and say its errors; the exit status.

    With `--json` among the arguments an error is the one JSON object on standard output.
    """
    as_json = "--json" in arguments
    try:
        status = group.main(list(arguments), prog_name="repro", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort, Cancellation):
        return _fail(as_json, "interrupted", "Interrupted.", "Run it again.", INTERRUPTED)
    except click.ClickException as error:
        remedy = f"`{_path(error)} --help` lists what there is."
        return _fail(as_json, "usage", error.format_message(), remedy, USAGE)
    except EngineError as error:
        return _fail(as_json, error.code, error.message, error.remedy, error.exit_status)
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        message = f"Headwater itself failed with {type(error).__name__}: {error}"
        return _fail(
            as_json, "internal", message, "Please report it with the lines above.", INTERNAL
        )
    return status if isinstance(status, int) else 0


def print_json(facts: Any) -> None:
    """The one JSON object of a command."""
    click.echo(json.dumps(facts))


def _path(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if isinstance(context, click.Context) else "repro"


def _fail(as_json: bool, code: str, message: str, remedy: str, status: int) -> int:
    if as_json:
        error = {"code": code, "message": message, "remedy": remedy}
        print_json({"schema": SCHEMA, "error": error})
    else:
        console = errors()
        console.print(f"repro: {message}", style="bold red", markup=False, highlight=False)
        console.print(f"       {remedy}", markup=False, highlight=False)
    return status
