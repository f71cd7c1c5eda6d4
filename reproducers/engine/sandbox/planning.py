"""From a SandboxSpec to the launcher's plan: plain, or enclosed by bubblewrap."""

import stat
from pathlib import Path
from typing import Final

from reproducers.engine.sandbox import bubblewrap
from reproducers.engine.sandbox.bubblewrap import Descriptors, Sources
from reproducers.engine.sandbox.plan import Bind, LaunchPlan, SizedFolder
from reproducers.engine.sandbox.policy import Mount, SandboxSpec

# Covered by the private tree in the launcher's mount namespace, and there on every machine.
STAGE: Final = "/tmp"  # noqa: S108 -- a mount point, not a file
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
        stdout=stdout,
        stderr=stderr,
        no_new_privileges=False,
        collection=None,
    )


def enclosed(
    base: LaunchPlan, spec: SandboxSpec, *, uid: int | None, path: str, descriptors: Descriptors
) -> LaunchPlan:
    """`base` inside the bubblewrap at `path`; with a `uid` on a stage of its own, as that user."""
    folders = {} if uid is None else _folders(spec)
    binds = {} if uid is None else _binds(spec)
    sources = Sources(
        mounts={target: bind["stage"] for target, bind in binds.items()},
        folders={target: folder["stage"] for target, folder in folders.items()},
    )
    plan = base.copy()
    plan["argv"] = bubblewrap.command(spec, path=path, sources=sources, descriptors=descriptors)
    plan["environment"], plan["working_directory"] = {}, "/"
    plan["uid"], plan["stage"] = uid, None if uid is None else STAGE
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
        }
    return plan


def _folders(spec: SandboxSpec) -> dict[str, SizedFolder]:
    sizes = {target: (size, SIZED_FILES) for target, size in bubblewrap.sized_folders(spec).items()}
    if spec.output is not None:
        sizes[OUTPUT] = (spec.output_bytes, spec.output_files)
    return {
        target: SizedFolder(stage=f"{STAGE}/folder-{number}", bytes=size, files=files)
        for number, (target, (size, files)) in enumerate(sizes.items())
    }


def _binds(spec: SandboxSpec) -> dict[str, Bind]:
    return {
        mount.target: Bind(
            source=str(mount.source),
            stage=f"{STAGE}/mount-{number}",
            writable=mount.writable,
            owned=mount.writable or not _is_open_to_all(mount),
        )
        for number, mount in enumerate(spec.mounts)
    }


def _is_open_to_all(mount: Mount) -> bool:
    """Whether any user could read it, if it stood in an open folder."""
    mode = mount.source.stat().st_mode
    wanted = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
    return mode & wanted == wanted
