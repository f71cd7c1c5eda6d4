"""From a SandboxSpec to the launcher's plan: plain, or enclosed by bubblewrap."""

import os
import stat
from pathlib import Path
from typing import Final

from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import bubblewrap
from reproducers.engine.sandbox.bubblewrap import Descriptors, Sources
from reproducers.engine.sandbox.plan import Bind, LaunchPlan, SizedFolder
from reproducers.engine.sandbox.policy import UNBOUNDED, Mount, SandboxSpec

OUTPUT: Final = "/output"
SIZED_FILES: Final = 100_000


def plain(
    spec: SandboxSpec, *, join: tuple[str, ...], limits: dict[str, int], stdout: int, stderr: int
) -> LaunchPlan:
    """The process itself, with limits and nothing else."""
    return LaunchPlan(
        argv=list(spec.argv),
        environment=dict(spec.environment),
        working_directory=spec.working_directory,
        uid=None,
        stage=None,
        binds=[],
        folders=[],
        join=list(join),
        limits=limits,
        keep=[],
        stdin=None,
        stdout=stdout,
        stderr=stderr,
        closes=spec.has(Protection.DESCRIPTORS),
        yields=spec.has(Protection.PRIORITY),
        ends_with_host=spec.has(Protection.END_WITH_HOST),
        no_new_privileges=False,
        guest=None,
        collection=None,
    )


def enclosed(
    base: LaunchPlan,
    spec: SandboxSpec,
    *,
    path: str,
    descriptors: Descriptors,
    uid: int | None,
    stage: Path | None,
) -> LaunchPlan:
    """`base` inside the bubblewrap at `path`; as the user `uid`, on a tree of its own at `stage`.

    Without a stage, as who we are.
    """
    folders = {} if stage is None else _folders(spec, stage)
    binds = {} if stage is None else binds_of(spec, stage)
    sources = Sources(
        mounts={target: bind["stage"] for target, bind in binds.items()},
        folders={target: folder["stage"] for target, folder in folders.items()},
    )
    plan = base.copy()
    plan["argv"] = bubblewrap.command(spec, path=path, sources=sources, descriptors=descriptors)
    plan["environment"] = {} if spec.has(Protection.ENVIRONMENT) else dict(os.environ)
    plan["working_directory"] = "/"
    plan["uid"], plan["stage"] = uid, None if stage is None else str(stage)
    plan["binds"], plan["folders"] = list(binds.values()), list(folders.values())
    plan["keep"] = list(descriptors.all())
    # A bubblewrap that is set-user-id, as some hardened systems have it, could not start.
    plan["no_new_privileges"] = not Path(path).stat().st_mode & stat.S_ISUID
    if spec.output is not None and OUTPUT in folders:
        made = folders[OUTPUT]
        plan["collection"] = {
            "stage": made["stage"],
            "folder": str(spec.output),
            "bytes": made["bytes"],
            "files": made["files"],
            "follows_links": not spec.has(Protection.OUTPUT_LINKS),
        }
    return plan


def _folders(spec: SandboxSpec, stage: Path) -> dict[str, SizedFolder]:
    sizes = {target: (size, SIZED_FILES) for target, size in bubblewrap.sized_folders(spec).items()}
    if spec.output is not None:
        is_sized = spec.has(Protection.OUTPUT_SIZE)
        own = (spec.output_bytes, spec.output_files)
        sizes[OUTPUT] = own if is_sized else (UNBOUNDED, UNBOUNDED)
    return {
        target: SizedFolder(stage=f"{stage}/folder-{number}", bytes=size, files=files)
        for number, (target, (size, files)) in enumerate(sizes.items())
    }


def binds_of(spec: SandboxSpec, stage: Path) -> dict[str, Bind]:
    """The mounts by their target, each with its place on the stage."""
    return {
        mount.target: Bind(
            source=str(mount.source),
            stage=f"{stage}/mount-{number}",
            writable=mount.writable,
            owned=mount.writable or not (mount.device or _is_open_to_all(mount)),
        )
        for number, mount in enumerate(spec.mounts)
    }


def _is_open_to_all(mount: Mount) -> bool:
    """Whether any user could read it, if it stood in an open folder."""
    mode = mount.source.stat().st_mode
    wanted = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
    return mode & wanted == wanted
