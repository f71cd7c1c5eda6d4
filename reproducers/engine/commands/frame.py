"""What all commands share: one way in, one way out, errors alike for people and programs."""

import json
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final

import click

from reproducers.engine.commands.console import errors, harmless, sayable
from reproducers.engine.commands.suggestions import remedy_of
from reproducers.engine.errors import EngineError, InternalError, Interrupted, UsageError
from reproducers.engine.events import Cancellation

SCHEMA: Final = 1


def carry_out(group: click.Group, arguments: Sequence[str], *, engine: Any = None) -> int:
    """Run a command line and say its errors; the exit status.

    With `--json` among the arguments an error is the one JSON object on standard output. `engine`
    runs the jobs in the place of `run_job`.
    """
    try:
        status = group.main(list(arguments), prog_name="repro", standalone_mode=False, obj=engine)
    except SystemExit as ended:  # who read our output has gone
        return ended.code if isinstance(ended.code, int) else 1
    except BaseException as error:  # an interrupt is one of them
        return _fail(_as_ours(error), as_json="--json" in arguments)
    return status if isinstance(status, int) else 0


def print_json(facts: Any) -> None:
    """The one JSON object of a command."""
    click.echo(json.dumps(facts, allow_nan=False))


def _as_ours(error: BaseException) -> EngineError:
    match error:
        case EngineError():
            return error
        case KeyboardInterrupt() | click.Abort() | Cancellation():
            return Interrupted("Interrupted.", remedy="Run it again.")
        case click.ClickException():
            return UsageError(_message(error), remedy=remedy_of(error))
        case _:
            traceback.print_exception(error, file=sys.stderr)
            message = f"Headwater itself failed with {type(error).__name__}: {error}"
            return InternalError(message, remedy="Please report it with the lines above.")


def _message(error: click.ClickException) -> str:
    """What is wrong, without the guess that the remedy gives."""
    if isinstance(error, click.NoSuchOption):
        return f"There is no option {error.option_name}."
    return error.format_message()


def _fail(error: EngineError, *, as_json: bool) -> int:
    if as_json:
        told = {"code": error.code, "message": error.message, "remedy": error.remedy}
        print_json({"schema": SCHEMA, "error": told})
        return error.exit_status
    console = errors()
    message = sayable(f"repro: {harmless(error.message)}", console.encoding)
    console.print(message, style="bold red", markup=False)
    console.print(sayable(f"       {harmless(error.remedy)}", console.encoding), markup=False)
    return error.exit_status
