"""From a SandboxSpec to the launcher's plan for gVisor: what lies on the stage, and who is who.

runsc is started as the slot's user, root only of a user namespace with two users: that one, as
whom gVisor runs, and a second for what the script inside owns, as whom nothing ever runs. Where we
may become nobody else, there is one user for both.
"""

import json
import secrets
from pathlib import Path
from typing import Final

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import gvisor, oci
from reproducers.engine.sandbox.bubblewrap import NETWORK_FILES, ROOT_FOLDERS, SYSTEM_FOLDERS, USER
from reproducers.engine.sandbox.plan import Bind, Collection, Guest, LaunchPlan, SizedFolder
from reproducers.engine.sandbox.planning import OUTPUT, binds_of
from reproducers.engine.sandbox.policy import SandboxSpec
from reproducers.engine.sandbox.slots import COUNT

ROOT: Final = 0


def enclosed(
    base: LaunchPlan, spec: SandboxSpec, *, path: str, uid: int | None, stage: Path
) -> LaunchPlan:
    """`base` inside the gVisor at `path`, as the user `uid` (None: as who we are), at `stage`.

    Raises IsolationError for what only bubblewrap can do.
    """
    _check_it_can(spec)
    shown = {**system(Path("/"), stage), **_network(spec, stage), **binds_of(spec, stage)}
    sized = _sized(spec, stage)
    runsc = _bind(Path(path), f"{stage}/runsc")
    binds = [_as_owned(bind, uid) for bind in (runsc, *shown.values())]
    sources = {target: one["stage"] for target, one in (*shown.items(), *sized.items())}
    plan = base.copy()
    plan["argv"] = gvisor.command(
        runsc["stage"],
        name=f"headwater-{secrets.token_hex(8)}",
        bundle=f"{stage}/bundle",
        state=f"{stage}/state",
        has_network=spec.network,
    )
    plan["environment"], plan["working_directory"] = dict(gvisor.VARIABLES), "/"
    plan["uid"], plan["stage"] = ROOT if uid is None else owner_inside(uid), str(stage)
    plan["binds"], plan["folders"] = binds, list(sized.values())
    plan["no_new_privileges"], plan["limits"] = True, gvisor.rlimits(plan["limits"])
    plan["guest"] = guest = _guest(spec, uid=uid, stage=stage, sources=sources)
    guest["read_only"] = [bind["stage"] for bind in binds if not bind["writable"]]
    plan["collection"] = _collection(spec, sized)
    return plan


def _check_it_can(spec: SandboxSpec) -> None:
    remedy = "Take `--isolation bubblewrap` for that."
    if spec.without:
        raise IsolationError("gVisor cannot leave single protections out.", remedy=remedy)
    if any(mount.device for mount in spec.mounts):
        raise IsolationError("gVisor shows no GPUs and no other devices.", remedy=remedy)


def owner_inside(uid: int) -> int:
    """The second user of a slot: one of another range of slots, of which we start none.

    Nobody can become it but gVisor, and all that it owns lies on a stage that nobody else sees.
    """
    return uid - COUNT


def system(root: Path, stage: Path) -> dict[str, Bind]:
    """The programs and libraries of the system at `root` that are shown, by their place inside."""
    shown = [f"usr/{name}" for name in SYSTEM_FOLDERS]
    shown += [name for name in ROOT_FOLDERS if not (root / name).is_symlink()]
    return {
        f"/{name}": _bind(root / name, f"{stage}/system-{number}")
        for number, name in enumerate(shown)
        if (root / name).is_dir()
    }


def links(root: Path) -> dict[str, str]:
    """The folders of the system at `root` that are merged into its /usr, and where they lead."""
    found = ((name, root / name) for name in ROOT_FOLDERS)
    return {name: str(path.readlink()) for name, path in found if path.is_symlink()}


def _network(spec: SandboxSpec, stage: Path) -> dict[str, Bind]:
    files = [name for name in NETWORK_FILES if Path(name).exists()] if spec.network else []
    return {
        name: _bind(Path(name).resolve(), f"{stage}/network-{number}")
        for number, name in enumerate(files)
    }


def _bind(source: Path, place: str) -> Bind:
    return Bind(source=str(source), stage=place, writable=False, owned=False)


def _as_owned(bind: Bind, uid: int | None) -> Bind:
    """Who stays who they are need not be shown their own files as theirs."""
    return {**bind, "owned": bind["owned"] and uid is not None}


def _sized(spec: SandboxSpec, stage: Path) -> dict[str, SizedFolder]:
    """The one folder that gVisor does not keep in its own memory: we look into it afterwards."""
    if spec.output is None:
        return {}
    return {
        OUTPUT: SizedFolder(
            stage=f"{stage}/output", bytes=spec.output_bytes, files=spec.output_files
        )
    }


def _collection(spec: SandboxSpec, sized: dict[str, SizedFolder]) -> Collection | None:
    if spec.output is None:
        return None
    made = sized[OUTPUT]
    return Collection(
        stage=made["stage"], folder=str(spec.output), bytes=made["bytes"], files=made["files"]
    )


def _guest(spec: SandboxSpec, *, uid: int | None, stage: Path, sources: dict[str, str]) -> Guest:
    root, state = f"{stage}/root", f"{stage}/state"
    inside = ROOT if uid is None else USER
    writable = frozenset({OUTPUT, *(mount.target for mount in spec.mounts if mount.writable)})
    configuration = oci.configuration(
        spec, root=root, sources=sources, writable=writable, user=inside
    )
    return Guest(
        users=None if uid is None else [[ROOT, uid], [USER, owner_inside(uid)]],
        root=root,
        state=state,
        links={f"{root}/{name}": target for name, target in links(Path("/")).items()},
        files={
            f"{stage}/bundle/config.json": json.dumps(configuration),
            **{f"{root}{path}": text for path, text in oci.etc(inside).items()},
        },
        has_network=spec.network,
        read_only=[],
        told=gvisor.told(state),
        namespace=None,
    )
