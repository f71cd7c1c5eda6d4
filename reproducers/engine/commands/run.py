"""`repro run SCRIPT`: one script in one environment, and what it comes to."""

import dataclasses
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click

from reproducers.engine import kept_runs, outputs, releases, values
from reproducers.engine.commands import wording
from reproducers.engine.commands.console import results
from reproducers.engine.commands.frame import print_json
from reproducers.engine.commands.interruption import Interruption
from reproducers.engine.commands.printing import print_lines, width_of
from reproducers.engine.commands.progress import ProgressLine
from reproducers.engine.job import Job
from reproducers.engine.prepare import make_job
from reproducers.engine.report import Report
from reproducers.engine.reporting import speaking_prefix
from reproducers.engine.run import run_job
from reproducers.engine.script import Script, read_files, read_script_file
from reproducers.engine.series_file import NAME as SERIES
from reproducers.engine.series_file import read_series
from reproducers.engine.verdicts import Symptom

FAILED_ON: Final = 1

Engine = Callable[..., Report]
"""What runs a job, as `run_job` does."""


def _plain_file(context: click.Context, option: click.Parameter, value: Path) -> Path:
    return value.expanduser()


@click.command(short_help="Run a script in a sandbox, on one release of Dask.")
@click.argument("script", type=click.Path(path_type=Path), callback=_plain_file)
@click.option("--dask", metavar="V", help="Release of Dask (pins distributed too).")
@click.option("--python", metavar="P", help='Minor version of Python, such as "3.11".')
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Packages as of.")
@click.option("--floating", is_flag=True, help="Packages as of today.")
@click.option("--with", "requirements", multiple=True, metavar="REQ", help="One more package.")
@click.option(
    "--symptom",
    type=click.Choice([kind.value for kind in Symptom]),
    metavar="KIND",
    help=f"What it is said to show: {', '.join(Symptom)}.",
)
@click.option("--match", metavar="REGEX", help="What the symptom says: another one is different.")
@click.option("--accept", metavar="REGEX", help="An error that counts as a right answer.")
@click.option("--workers", metavar="N", help="Workers of the private cluster (2).")
@click.option("--threads", metavar="N", help="Threads of each worker (1).")
@click.option("--memory", metavar="SIZE", help="Memory of the whole sandbox (4GiB).")
@click.option("--timeout", metavar="TIME", help="How long the script may take (120s).")
@click.option("--gpus", metavar="N", help="GPUs of this machine, with RAPIDS' Dask (0).")
@click.option("--tries", metavar="N", help="How often to run it (1).")
@click.option("--against", metavar="V", help="Release of Dask to compare it with.")
@click.option(
    "--isolation", type=click.Choice(["bubblewrap", "gvisor", "none"]), help="Kind of sandbox."
)
@click.option("--cold", is_flag=True, help="Start every try afresh; get none ready ahead.")
@click.option(
    "--fail-on",
    type=click.Choice(["reproduced", "clean"]),
    help="End with 1 for this verdict.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Keep files there.")
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
@click.pass_obj
def run(
    engine: Engine | None,
    /,
    script: Path,
    as_json: bool,
    fail_on: str | None,
    out: Path | None,
    **flags: Any,
) -> int:
    """Run SCRIPT in a sandbox and say whether it shows its symptom.

    The script may say all of this itself, in its `# /// script` block; flags win over it.
    A verdict ends with 0, or with 1 where --fail-on names it.
    """
    read = read_script_file(script)
    job = dataclasses.replace(_job(read, script.parent, flags), cold=flags["cold"])
    keeping = kept_runs.Folder(out)
    if out is not None:
        keeping.make()
    report = _report(engine or run_job, job, keeping)
    report = dataclasses.replace(report, notes=(*read.notes, *report.notes))
    keeping.keep_report(report)
    if as_json:
        print_json(report.as_dict())
    else:
        _print(report, job, script=str(script), keeping=keeping)
    return FAILED_ON if fail_on == report.verdict else 0


def _report(engine: Engine, job: Job, keeping: kept_runs.Folder) -> Report:
    try:
        with ProgressLine() as progress, Interruption() as interruption:
            return engine(job, emit=progress, cancelled=interruption, keep=keeping.keep)
    except BaseException:  # whatever it is, there is no run to keep anything of
        keeping.leave()
        raise


def _job(script: Script, folder: Path, flags: dict[str, Any]) -> Job:
    """The job; raises MetadataError for a flag that is out of bounds."""
    return make_job(
        script,
        dask=flags["dask"] or script.table.reported,
        python=flags["python"],
        as_of=_day(flags["as_of"]),
        floating=flags["floating"],
        requirements=flags["requirements"],
        symptom=Symptom(flags["symptom"]) if flags["symptom"] else None,
        match=_read(flags, "match", values.read_expression),
        accept=_read(flags, "accept", values.read_expression),
        workers=_read(flags, "workers", values.read_count),
        threads=_read(flags, "threads", values.read_count),
        memory_bytes=_read(flags, "memory", values.read_memory),
        timeout_seconds=_read(flags, "timeout", values.read_timeout),
        gpus=_read(flags, "gpus", values.read_count),
        tries=_read(flags, "tries", values.read_count),
        against=_read(flags, "against", values.read_version),
        isolation=flags["isolation"],
        files=read_files(folder, script.table.files),
    )


def _read(flags: dict[str, Any], name: str, read: Any) -> Any:
    return None if flags[name] is None else read(flags[name], name)


def _day(instant: datetime | None) -> date | None:
    return None if instant is None else instant.date()


def _print(report: Report, job: Job, *, script: str, keeping: kept_runs.Folder) -> None:
    console = results()
    prefix = speaking_prefix([one.verdict for one in report.tries])
    around = wording.Around(
        script=script,
        policy=job.policy,
        kept_in=str(keeping.path),
        newest=_newest(),
        series=read_series(keeping.content(f"{prefix}{SERIES}")),
        stacks=keeping.content(f"{prefix}{outputs.STACKS}").decode("utf-8", "replace"),
    )
    print_lines(console, wording.as_lines(report, around, width=width_of(console)))


def _newest() -> str | None:
    """The newest release, where the list is at hand without the network."""
    found = releases.newest_listed()
    return found.version if found else None
