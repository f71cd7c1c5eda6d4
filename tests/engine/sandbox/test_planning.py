"""What the launcher is told, as data."""

import dataclasses
import os
from pathlib import Path

import pytest

from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import planning
from reproducers.engine.sandbox.bubblewrap import Descriptors
from reproducers.engine.sandbox.plan import Bind, LaunchPlan
from reproducers.engine.sandbox.policy import UNBOUNDED, Mount, SandboxSpec

STAGE = Path("/run/stage")
DESCRIPTORS = Descriptors(status=10, filter=11, etc={"/etc/passwd": 12})


@pytest.fixture
def bwrap(tmp_path: Path) -> Path:
    path = tmp_path / "bwrap"
    path.touch(mode=0o755)
    return path


def spec(*mounts: Mount, output: Path | None = None) -> SandboxSpec:
    return SandboxSpec(
        argv=("/bin/true",),
        mounts=mounts,
        environment={"A": "1"},
        working_directory="/work",
        output=output,
        output_bytes=100,
        output_files=10,
        temporary_bytes=200,
    )


def plain(wanted: SandboxSpec) -> LaunchPlan:
    limits = {"RLIMIT_NOFILE": 5}
    return planning.plain(wanted, join=("/group/procs",), limits=limits, stdout=4, stderr=5)


def enclosed(bwrap: Path, wanted: SandboxSpec, *, stage: Path | None = STAGE) -> LaunchPlan:
    return planning.enclosed(
        plain(wanted),
        wanted,
        path=str(bwrap),
        descriptors=DESCRIPTORS,
        uid=None if stage is None else 4321,
        stage=stage,
    )


def test_a_plain_process_is_itself_with_limits() -> None:
    plan = plain(spec())
    assert (plan["argv"], plan["environment"]) == (["/bin/true"], {"A": "1"})
    assert (plan["join"], plan["limits"]) == (["/group/procs"], {"RLIMIT_NOFILE": 5})
    assert (plan["uid"], plan["stage"], plan["collection"]) == (None, None, None)


def test_bubblewrap_is_started_by_another_user_with_an_empty_environment(bwrap: Path) -> None:
    plan = enclosed(bwrap, spec())
    assert plan["argv"][0] == str(bwrap)
    assert (plan["uid"], plan["environment"], plan["working_directory"]) == (4321, {}, "/")
    assert plan["limits"] == {"RLIMIT_NOFILE": 5}


def test_it_gets_the_descriptors_that_it_needs_and_no_others(bwrap: Path) -> None:
    assert enclosed(bwrap, spec())["keep"] == [10, 11, 12]


def test_sized_folders_are_made_on_the_stage(bwrap: Path, tmp_path: Path) -> None:
    folders = enclosed(bwrap, spec(output=tmp_path))["folders"]
    assert [(folder["bytes"], folder["files"]) for folder in folders] == [
        *[(200, planning.SIZED_FILES)] * 3,
        (100, 10),
    ]
    assert {Path(folder["stage"]).parent for folder in folders} == {STAGE}


def test_the_output_is_collected_from_the_stage(bwrap: Path, tmp_path: Path) -> None:
    plan = enclosed(bwrap, spec(output=tmp_path))
    assert plan["collection"] == {
        "stage": plan["folders"][-1]["stage"],
        "folder": str(tmp_path),
        "bytes": 100,
        "files": 10,
        "follows_links": False,
    }


def test_what_the_launcher_guards_is_switched_off_one_by_one(bwrap: Path, tmp_path: Path) -> None:
    off = (
        *(Protection.DESCRIPTORS, Protection.PRIORITY, Protection.END_WITH_HOST),
        *(Protection.OUTPUT_LINKS, Protection.OUTPUT_SIZE, Protection.ENVIRONMENT),
    )
    wanted = spec(output=tmp_path)
    every = enclosed(bwrap, wanted)
    assert (every["closes"], every["yields"], every["ends_with_host"]) == (True, True, True)
    plan = enclosed(bwrap, dataclasses.replace(wanted, without=off))
    assert (plan["closes"], plan["yields"], plan["ends_with_host"]) == (False, False, False)
    assert plan["environment"] == dict(os.environ)
    assert plan["collection"] is not None
    assert plan["collection"]["follows_links"]
    assert plan["collection"]["bytes"] == UNBOUNDED


def test_what_is_open_to_all_is_bound_as_it_is(bwrap: Path, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    shown.mkdir(mode=0o755)
    binds = enclosed(bwrap, spec(Mount(source=shown, target="/seen")))["binds"]
    assert binds == [Bind(source=str(shown), stage=f"{STAGE}/mount-0", writable=False, owned=False)]


@pytest.mark.parametrize("mode", [0o700, 0o744, 0o711])
def test_a_private_folder_is_bound_as_if_the_user_owned_it(
    bwrap: Path, tmp_path: Path, mode: int
) -> None:
    shown = tmp_path / "shown"
    shown.mkdir()
    shown.chmod(mode)
    (bind,) = enclosed(bwrap, spec(Mount(source=shown, target="/seen")))["binds"]
    assert bind["owned"] is True


@pytest.mark.parametrize(("mode", "owned"), [(0o600, True), (0o644, False)])
def test_a_private_file_is_bound_as_if_the_user_owned_it(
    bwrap: Path, tmp_path: Path, mode: int, owned: bool
) -> None:
    shown = tmp_path / "shown"
    shown.touch()
    shown.chmod(mode)
    (bind,) = enclosed(bwrap, spec(Mount(source=shown, target="/seen")))["binds"]
    assert bind["owned"] is owned


def test_what_is_writable_is_bound_as_if_the_user_owned_it(bwrap: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    mount = Mount(source=tmp_path, target="/seen", writable=True)
    (bind,) = enclosed(bwrap, spec(mount))["binds"]
    assert (bind["writable"], bind["owned"]) == (True, True)


def test_without_a_stage_everything_is_bound_from_where_it_lies(
    bwrap: Path, tmp_path: Path
) -> None:
    plan = enclosed(bwrap, spec(Mount(source=tmp_path, target="/seen")), stage=None)
    assert (plan["uid"], plan["stage"], plan["binds"], plan["folders"]) == (None, None, [], [])
    assert plan["collection"] is None
    assert str(tmp_path) in plan["argv"]


def test_no_privileges_can_be_gained_unless_bubblewrap_needs_them(bwrap: Path) -> None:
    assert enclosed(bwrap, spec())["no_new_privileges"] is True
    bwrap.chmod(0o4755)
    assert enclosed(bwrap, spec())["no_new_privileges"] is False
