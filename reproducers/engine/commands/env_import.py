"""`repro env import FILE`: what a customer has, as far as the index has it."""

import time
from pathlib import Path

import click

from reproducers.engine import interpreters
from reproducers.engine.commands import env_import_wording as wording
from reproducers.engine.commands.console import results
from reproducers.engine.commands.frame import print_json
from reproducers.engine.commands.progress import ProgressLine
from reproducers.engine.errors import UsageError
from reproducers.engine.events import Event
from reproducers.engine.imported.pinning import Pinned, pin
from reproducers.engine.imported.reading import read_file
from reproducers.engine.imported.surroundings import Surroundings


@click.command(name="import", short_help="Read a customer's environment, and pin what can be had.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Write the block to a new file.")
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
def env_import(file: Path, output: Path | None, as_json: bool) -> None:
    """Read FILE and print the block that a script begins with to run in that environment.

    FILE holds the output of `pip freeze`, of `conda env export` or `conda list` in any of its
    forms, or the JSON of `client.get_versions()`. Only names go out, and to the one index alone.
    """
    read = read_file(file)
    pinned = _pinned(read)
    if output is not None:
        _write(output, wording.block(pinned))
    if as_json:
        print_json(wording.as_dict(read, pinned))
        return
    console = results()
    is_missing = not interpreters.installed(pinned.python)
    for line in wording.as_lines(read, pinned, missing_python=is_missing):
        console.print(line, markup=False)
    console.print(f"\n{wording.block(pinned)}\n{wording.command(pinned)}", markup=False)


def _pinned(read: Surroundings) -> Pinned:
    with ProgressLine() as progress:

        def tell(done: int, total: int) -> None:
            note = "asking the index"
            progress(Event(phase="environment", done=done, total=total, at=time.time(), note=note))

        return pin(read, done=tell)


def _write(path: Path, content: str) -> None:
    try:
        with path.open("x") as file:
            file.write(content)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already.", remedy="Name a new file.") from error
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", remedy="Name another."
        ) from error
