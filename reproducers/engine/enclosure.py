"""From a Job and an environment to the process that is run: what it sees and what it is told."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reproducers.engine.environments import Environment
from reproducers.engine.inside.settings import Settings
from reproducers.engine.job import Job, RunPolicy
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox.policy import Mount, SandboxSpec
from reproducers.engine.verdicts import Symptom

_PACKAGE: Final = Path(__file__).parents[2]
_INSIDE: Final = "reproducers/engine/inside"
_SCRIPT_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. +-]{0,99}")

# Without a network distributed warns that it cannot tell its address; outside it does not.
_NO_ADDRESS: Final = "ignore:Couldn't detect a suitable IP address:RuntimeWarning"

# Dask would log at level info that it loads the observer, on releases up to 2023.
_QUIET: Final = {"distributed.preloading": "warning", "distributed.utils": "warning"}


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where things lie as the script sees them: in a sandbox the same on every machine."""

    work: str
    output: str
    own: str
    private: str

    @classmethod
    def of(cls, job: Job, folder: Path) -> "Places":
        """`folder` is the host's, with `work` and `output` in it."""
        if job.policy.isolation == "none":
            return cls(
                work=str(folder / "work"),
                output=str(folder / "output"),
                own=str(_PACKAGE / _INSIDE),
                private=str(folder / "private-cluster"),
            )
        return cls(
            work="/work",
            output="/output",
            own=f"/repro/{_INSIDE}",
            private="/tmp/private-cluster",  # noqa: S108 -- inside, where nobody else is
        )


def script_path(job: Job, places: Places) -> str:
    """Where the script lies inside; a name that is no plain one becomes `script.py`."""
    name = job.script_name
    is_plain = _SCRIPT_NAME.fullmatch(name) and name not in job.files
    return f"{places.work}/{name if is_plain else 'script.py'}"


def stage(job: Job, folder: Path) -> None:
    """Write the script and its data into `folder`/work, and make an empty `folder`/output."""
    work = folder / "work"
    work.mkdir()
    (folder / "output").mkdir()
    for name, content in job.files.items():
        _write(work / Path(name).name, base64.b64decode(content))
    _write(folder / "work" / Path(script_path(job, Places.of(job, folder))).name, _source(job))


def _source(job: Job) -> bytes:
    return job.script.encode("utf-8", "replace")


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o444)


def sandbox_spec(job: Job, environment: Environment, folder: Path) -> SandboxSpec:
    """The first process of one try; `folder` was filled by `stage`."""
    places, policy = Places.of(job, folder), job.policy
    return SandboxSpec(
        argv=(
            *_first(environment, places, policy),
            *(environment.python, f"{places.own}/entry.py", settings(job, places).to_json()),
        ),
        mounts=(*environment.mounts, *_mounts(folder, places)),
        environment=_variables(job, environment, places),
        working_directory=places.work,
        isolation=policy.isolation,
        output=folder / "output",
        wall_seconds=policy.timeout_seconds,
        memory_bytes=policy.memory_bytes,
        pids=policy.pids,
        open_files=policy.open_files,
        file_bytes=policy.file_bytes,
        output_bytes=policy.output_bytes,
        temporary_bytes=policy.temporary_bytes,
        cpus=policy.cpus,
        without=policy.without,
    )


def _first(environment: Environment, places: Places, policy: RunPolicy) -> tuple[str, ...]:
    """The process of ours that starts the script and tells its end."""
    if Protection.FIRST_PROCESS in policy.without:
        return ()
    return (environment.python, "-I", "-S", f"{places.own}/first.py")


def settings(job: Job, places: Places) -> Settings:
    """What the processes inside are told of the job."""
    return Settings(
        script=script_path(job, places),
        output=places.output,
        private=places.private,
        workers=job.policy.cluster_workers,
        threads=job.policy.threads,
        worker_memory_bytes=job.policy.worker_memory_bytes,
        gpus=job.policy.gpus,
        timeout_seconds=job.policy.timeout_seconds,
        warnings=_asks_for_warnings(job),
        result=_asks_for_the_result(job),
        sync=job.is_sync_control,
        performance=_keeps_performance(job),
    )


def _keeps_performance(job: Job) -> bool:
    """Not where the second and the memory that it takes would be measured."""
    return job.expected.kind is not Symptom.MEMORY and job.against is None


def _asks_for_the_result(job: Job) -> bool:
    return job.expected.kind is Symptom.WRONG_RESULT or job.against is not None


def _asks_for_warnings(job: Job) -> bool:
    return job.expected.kind is Symptom.WARNING or job.expected.match is not None


def _mounts(folder: Path, places: Places) -> tuple[Mount, ...]:
    """Each file for itself, read-only, so that the folder around them can be written to."""
    files = sorted((folder / "work").iterdir())
    return (
        Mount(source=_PACKAGE / _INSIDE, target=places.own),
        *(Mount(source=file, target=f"{places.work}/{file.name}") for file in files),
    )


def _variables(job: Job, environment: Environment, places: Places) -> dict[str, str]:
    """All variables that the script gets. Its own wishes may not touch what observes it."""
    observer = f"['{places.own}/cluster_observer.py']"
    return {
        "HOME": "/tmp" if job.policy.isolation != "none" else places.work,  # noqa: S108 -- inside
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "PYTHONFAULTHANDLER": "1",
        "PYTHONUNBUFFERED": "1",  # else what a killed script has printed is lost
        "PYTHONDONTWRITEBYTECODE": "1",
        **job.env,
        **environment.variables,
        "PYTHONWARNINGS": ",".join(_warning_filters(job)),
        "DASK_INTERNAL_INHERIT_CONFIG": _config(job.config),
        "DASK_DISTRIBUTED__SCHEDULER__PRELOAD": observer,
        "DASK_DISTRIBUTED__WORKER__PRELOAD": observer,
        "DASK_DISTRIBUTED__NANNY__PRELOAD": observer,
        "REPRO_OBSERVER_FOLDER": places.output,
    }


def _warning_filters(job: Job) -> Iterator[str]:
    """With a `match` all warnings are shown, else those that the script would show anyway."""
    if job.expected.match is not None:
        yield "default"
    if wished := job.env.get("PYTHONWARNINGS"):
        yield wished
    yield _NO_ADDRESS


def _config(config: Mapping[str, Any]) -> str:
    """Dask's settings as Dask hands them to processes of its own: the only way that keeps types
    and the case of names."""
    distributed = config.get("distributed")
    own = distributed if isinstance(distributed, dict) else {}
    if "logging" not in own and "logging" not in config:
        config = {**config, "distributed": {**own, "logging": _QUIET}}
    return base64.urlsafe_b64encode(json.dumps(config).encode()).decode()
