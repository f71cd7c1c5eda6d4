"""What all commands share: one way in, one way out, errors alike for people and programs."""

import json
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final

import click

from reproducers.engine.commands.console import errors, harmless
from reproducers.engine.errors import EngineError, InternalError, Interrupted, UsageError
from reproducers.engine.events import Cancellation

SCHEMA: Final = 1


def carry_out(group: click.Group, arguments: Sequence[str]) -> int:
    """Run a command line and say its errors; the exit status.

    With `--json` among the arguments an error is the one JSON object on standard output.
    """
    try:
        status = group.main(list(arguments), prog_name="repro", standalone_mode=False)
    except BaseException as error:  # an interrupt is one of them
        return _fail(_as_ours(error), as_json="--json" in arguments)
    return status if isinstance(status, int) else 0


def print_json(facts: Any) -> None:
    """The one JSON object of a command."""
    click.echo(json.dumps(facts))


def _as_ours(error: BaseException) -> EngineError:
    match error:
        case EngineError():
            return error
        case KeyboardInterrupt() | click.Abort() | Cancellation():
            return Interrupted("Interrupted.", remedy="Run it again.")
        case click.ClickException():
            remedy = f"`{_command(error)} --help` lists what there is."
            return UsageError(error.format_message(), remedy=remedy)
        case _:
            traceback.print_exception(error, file=sys.stderr)
            message = f"Headwater itself failed with {type(error).__name__}: {error}"
            return InternalError(message, remedy="Please report it with the lines above.")


def _command(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if isinstance(context, click.Context) else "repro"


def _fail(error: EngineError, *, as_json: bool) -> int:
    if as_json:
        told = {"code": error.code, "message": error.message, "remedy": error.remedy}
        print_json({"schema": SCHEMA, "error": told})
        return error.exit_status
    console = errors()
    console.print(f"repro: {harmless(error.message)}", style="bold red", markup=False)
    console.print(f"       {harmless(error.remedy)}", markup=False)
    return error.exit_status
