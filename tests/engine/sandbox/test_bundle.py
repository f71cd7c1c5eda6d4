"""What the launcher is told to lay out for gVisor, and who is who there."""

import json
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import bundle, planning
from reproducers.engine.sandbox.plan import LaunchPlan
from reproducers.engine.sandbox.policy import Mount, SandboxSpec

STAGE = Path("/run/stage")
SLOT = 1_900_000_007
SECOND = 1_899_999_007


def planned(*, uid: int | None = SLOT, **wishes: Any) -> LaunchPlan:
    spec = SandboxSpec(argv=("/bin/true",), isolation="gvisor", **wishes)
    limits = {"RLIMIT_CORE": 1, "RLIMIT_FSIZE": 5}
    base = planning.plain(spec, join=("/group",), limits=limits, stdout=5, stderr=6)
    return bundle.enclosed(base, spec, path="/opt/runsc", uid=uid, stage=STAGE)


def guest(plan: LaunchPlan) -> dict[str, Any]:
    assert plan["guest"] is not None
    return dict(plan["guest"])


def configuration(plan: LaunchPlan) -> dict[str, Any]:
    return dict(json.loads(guest(plan)["files"]["/run/stage/bundle/config.json"]))


def test_a_slot_runs_gvisor_as_its_user_and_the_script_as_another() -> None:
    plan = planned()
    assert guest(plan)["users"] == [[0, SLOT], [1000, SECOND]]
    assert configuration(plan)["process"]["user"]["uid"] == 1000
    assert plan["uid"] == SECOND


def test_who_can_become_nobody_else_is_one_user_for_both() -> None:
    plan = planned(uid=None)
    assert guest(plan)["users"] is None
    assert configuration(plan)["process"]["user"]["uid"] == 0
    assert plan["uid"] == 0


def test_the_program_itself_is_shown_wherever_it_lies() -> None:
    plan = planned()
    assert plan["argv"][0] == "/run/stage/runsc"
    assert plan["binds"][0]["source"] == "/opt/runsc"


def test_no_two_sandboxes_have_one_name() -> None:
    assert planned()["argv"][-1] != planned()["argv"][-1]


def test_it_gains_nothing_and_gets_nothing_of_our_environment() -> None:
    plan = planned()
    assert plan["no_new_privileges"] is True
    assert plan["environment"] == {"PATH": "/usr/bin:/bin"}
    assert plan["limits"] == {"RLIMIT_CORE": 1, "RLIMIT_NOFILE": 1 << 20}
    assert plan["join"] == ["/group"]


def test_all_that_is_not_to_be_written_to_is_read_only_before_gvisor_sees_it() -> None:
    mounts = (
        Mount(source=Path("/srv/env"), target="/env"),
        Mount(source=Path("/srv"), target="/build", writable=True),
    )
    plan = planned(mounts=(Mount(source=Path("/srv"), target="/env"), mounts[1]))
    places = {bind["source"]: bind["stage"] for bind in plan["binds"]}
    (built,) = [bind["stage"] for bind in plan["binds"] if bind["writable"]]
    assert built not in guest(plan)["read_only"]
    assert set(guest(plan)["read_only"]) == {bind["stage"] for bind in plan["binds"]} - {built}
    assert places["/usr/bin"] in guest(plan)["read_only"]


@pytest.mark.parametrize(("uid", "owned"), [(SLOT, True), (None, False)])
def test_what_is_ones_own_need_not_be_shown_as_ones_own(uid: int | None, owned: bool) -> None:
    plan = planned(uid=uid, mounts=(Mount(source=Path("/srv"), target="/seen", writable=True),))
    assert plan["binds"][-1]["owned"] is owned


def test_the_output_is_a_folder_of_its_own_that_is_copied_out() -> None:
    plan = planned(output=Path("/srv/out"), output_bytes=10, output_files=3)
    made = {"stage": "/run/stage/output", "bytes": 10, "files": 3}
    assert plan["folders"] == [made]
    assert plan["collection"] == {**made, "folder": "/srv/out"}
    mount = next(m for m in configuration(plan)["mounts"] if m["destination"] == "/output")
    assert (mount["source"], mount["options"][0]) == ("/run/stage/output", "rw")


def test_without_an_output_nothing_is_copied_out() -> None:
    plan = planned()
    assert (plan["folders"], plan["collection"]) == ([], None)
    assert "/output" not in [m["destination"] for m in configuration(plan)["mounts"]]


def test_names_of_the_network_are_shown_to_a_download_alone() -> None:
    def targets(**wishes: Any) -> set[str]:
        return {mount["destination"] for mount in configuration(planned(**wishes))["mounts"]}

    assert "/etc/hosts" in targets(network=True)
    assert "/etc/hosts" not in targets()


def test_a_protection_cannot_be_left_out() -> None:
    with pytest.raises(IsolationError, match="cannot leave"):
        planned(without=(Protection.NETWORK,))


def test_devices_cannot_be_shown() -> None:
    device = Mount(source=Path("/dev/null"), target="/dev/nvidia0", device=True)
    with pytest.raises(IsolationError, match="no GPUs"):
        planned(mounts=(device,))


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A system whose /lib is merged into /usr, and whose /bin is not."""
    for name in ("usr/bin", "usr/lib", "usr/src", "bin"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "lib").symlink_to("usr/lib")
    return tmp_path


def test_programs_and_libraries_are_shown(machine: Path) -> None:
    shown = bundle.system(machine, STAGE)
    assert set(shown) == {"/usr/bin", "/usr/lib", "/bin"}
    assert shown["/bin"]["source"] == str(machine / "bin")
    assert len({bind["stage"] for bind in shown.values()}) == 3


def test_what_is_merged_into_usr_is_a_link(machine: Path) -> None:
    assert bundle.links(machine) == {"lib": "usr/lib"}
