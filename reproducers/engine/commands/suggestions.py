"""What a mistyped command line probably meant: the remedy of a usage error."""

import difflib
from collections.abc import Iterable

import click


def remedy_of(error: click.ClickException) -> str:
    """What to write instead, where that can be guessed, and where all of it is listed."""
    context = getattr(error, "ctx", None)
    command = context.command_path if isinstance(context, click.Context) else "repro"
    help_line = f"`{command} --help` lists what there is."
    meant = _meant(error, context)
    return f"Did you mean {meant}? {help_line}" if meant else help_line


def _meant(error: click.ClickException, context: click.Context | None) -> str | None:
    if isinstance(error, click.NoSuchOption) and context is not None:
        options = (name for one in context.command.params for name in one.opts)
        return closest(error.option_name, options)
    if isinstance(error, click.BadParameter) and error.param is not None:
        return _choice(error.param, error.message)
    if context is not None and isinstance(context.command, click.Group):
        return closest(_quoted(error.message), context.command.list_commands(context))
    return None


def _choice(parameter: click.Parameter, message: str) -> str | None:
    """The value of a fixed few that is like the one given."""
    if not isinstance(parameter.type, click.Choice):
        return None
    name = parameter.opts[0]
    found = closest(_quoted(message), parameter.type.choices)
    return f"{name} {found}" if found else None


def closest(word: str, known: Iterable[str]) -> str | None:
    """That of `known` which looks most like `word`; None where none is near."""
    found = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def _quoted(message: str) -> str:
    """The first word in quotes: click puts what was given there."""
    return message.partition("'")[2].partition("'")[0]
