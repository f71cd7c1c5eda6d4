"""`repro env` from its flags to its exit status, on environments of a home of the test's own."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from reproducers.cli import repro
from reproducers.engine.commands.env import COMMANDS, env
from reproducers.engine.commands.frame import carry_out
from reproducers.engine.environments import store
from tests.engine.environments.made import keys, make
from tests.engine.environments.small_dask import DASK, HERE, add_release
from tests.engine.indexes import Index

PLAIN: dict[str, Any] = {
    "python": "3.8.1000",
    "as_of": "2024-03-19",
    "requirements": ["dask==2024.3.0"],
    "packages": {"dask": "2024.3.0"},
}


class Said:
    """What a command ended with and said."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.status = carry_out(repro, ["env", *arguments])
        self.out, self.err = capsys.readouterr()

    @property
    def facts(self) -> Any:
        return json.loads(self.out)


def test_every_command_that_is_listed_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert Said(capsys, "--help").status == 0
    assert env.get_command(None, "nothing") is None  # type: ignore[arg-type]
    for name in COMMANDS:
        assert Said(capsys, name, "--help").status == 0


def test_the_list_says_what_is_built_and_used(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make("aa", used_at=60.0, facts=PLAIN)
    lease = store.hold("aa")
    said = Said(capsys, "list")
    assert said.status == 0
    assert [line.split()[:2] for line in said.out.splitlines()[:2]] == [
        ["key", "dask"],
        ["aa", "2024.3.0"],
    ]
    assert said.out.splitlines()[1].endswith("in use")
    facts = Said(capsys, "list", "--json").facts
    assert [(one["key"], one["in_use"]) for one in facts["environments"]] == [("aa", True)]
    assert facts["bytes"] > 100 * 1024
    assert facts["limit_bytes"] == 20 * 1024**3
    assert lease is not None
    lease.close()


def test_pruning_removes_the_least_recently_used_and_keeps_what_is_used(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, key in enumerate(("aa", "bb", "cc")):
        make(key, used_at=1000.0 * number, facts=PLAIN)
    lease = store.hold("cc")
    assert lease is not None
    (home / "building" / "dd-1234").mkdir()
    (home / "building" / "dd-1234" / "left").write_bytes(b"x" * 5000)
    said = Said(capsys, "prune", "--size", "300 KiB")
    assert (said.status, keys()) == (0, ["bb", "cc"])
    assert said.out.splitlines()[0] == "aa  dask 2024.3.0"
    assert said.out.splitlines()[1].startswith("1 removed, ")
    assert not (home / "building" / "dd-1234").exists()
    said = Said(capsys, "prune", "--size", "0")
    assert said.out.splitlines()[-1] == "What is left is in use."
    facts = Said(capsys, "prune", "--size", "0", "--json").facts
    assert (facts["removed"], facts["limit_bytes"], keys()) == ([], 0, ["cc"])
    lease.close()
    assert Said(capsys, "prune").status == 0
    assert Said(capsys, "prune", "--size", "0", "--json").facts["removed"] == ["cc"]


def test_a_size_that_is_none_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "prune", "--size", "much")
    assert said.status == 2
    assert "--size: 'much' is not a size such as 4GiB" in said.err


def test_what_is_broken_is_named_and_can_be_repaired(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = make("aa", facts=PLAIN)
    make("bb", facts=PLAIN)
    (tree / "evil.pth").write_text("import evil\n")
    said = Said(capsys, "verify", "a")
    assert said.status == 1
    assert said.out.splitlines()[:2] == [
        "aa  dask 2024.3.0: Its files are not as they were built: 1 added.",
        "  added evil.pth",
    ]
    assert said.out.splitlines()[-1].startswith("1 looked at, 1 broken. --repair ")
    facts = Said(capsys, "verify", "aa", "--repair", "--json")
    assert facts.status == 0
    assert facts.facts["environments"][0]["repaired"].startswith("It was removed.")
    assert keys() == ["bb"]


def test_an_environment_that_there_is_not_cannot_be_verified(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "verify", "zz")
    assert said.status == 2
    assert "There is no environment zz." in said.err


@pytest.mark.sandbox
def test_what_is_sound_is_said_to_be(own_index: Index, capsys: pytest.CaptureFixture[str]) -> None:
    add_release(own_index)
    built = Said(capsys, "build", "--dask", "2025.3.0", "--python", HERE)
    assert built.status == 0
    assert built.out.startswith("dask 2025.3.0: built in ")
    again = Said(capsys, "build", "--dask", "2025.3.0", "--python", HERE, "--json").facts
    [one] = again["environments"]
    assert (one["dask"], one["built"], one["as_of"]) == ("2025.3.0", False, "2024-01-08")
    said = Said(capsys, "verify")
    assert (said.status, said.out) == (0, "1 looked at, none is broken.\n")


@pytest.mark.sandbox
def test_an_environment_that_cannot_be_had_ends_with_1(
    own_index: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    add_release(own_index)
    own_index.add("old", "1.0", requires=("dask<2025",))
    said = Said(capsys, "build", "--with", "old", "--python", HERE)
    assert said.status == 1
    assert said.out.startswith("No such environment: unsatisfiable: ")


def test_a_failing_index_ends_with_3(own_index: Index, capsys: pytest.CaptureFixture[str]) -> None:
    own_index.answers["/simple/dask/"] = (503, "text/plain", b"")
    said = Said(capsys, "build", "--dask", "2025.3.0", "--json")
    assert said.status == 3
    assert said.facts["error"]["code"] == "environment-service"


def test_all_and_one_release_exclude_each_other(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Said(capsys, "build", "--all", "--dask", "2025.3.0").status == 2


@pytest.mark.sandbox
def test_days_and_packages_are_as_wanted(
    own_index: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    add_release(own_index)
    own_index.add("more", "1.0", uploaded="2024-01-02T00:00:00Z")
    own_index.add("more", "2.0", uploaded="2024-02-01T00:00:00Z")
    flags = ("build", "--dask", "2025.3.0", "--python", HERE, "--with", "more", "--json")

    def resolved(*more: str) -> tuple[str, str]:
        [one] = Said(capsys, *flags, *more).facts["environments"]
        found = store.stored(one["key"])
        assert found is not None
        return found.facts["packages"]["more"], one["as_of"]

    assert resolved() == ("1.0", "2024-01-08")
    assert resolved("--as-of", "2024-03-01") == ("2.0", "2024-03-01")
    assert resolved("--floating")[0] == "2.0"


@pytest.mark.sandbox
def test_all_releases_are_built_and_those_that_cannot_work_are_listed(
    own_index: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    add_release(own_index, "2025.3.0")
    own_index.add("dask", "2026.1.0", files=DASK)
    own_index.add("distributed", "2026.1.0", requires=("dask==2025.3.0",))
    flags = ("build", "--all", "--python", HERE)
    said = Said(capsys, *flags)
    assert said.status == 0
    assert said.out.startswith("1 of 2 releases have an environment, 1 of them built now")
    assert "Cannot work:\n  2026.1.0    unsatisfiable: Because distributed" in said.out
    assert "2025.3.0 built in" in said.err
    facts = Said(capsys, *flags, "--json").facts
    assert [one["dask"] for one in facts["environments"]] == ["2025.3.0"]
    assert [one["dask"] for one in facts["refused"]] == ["2026.1.0"]


@pytest.mark.sandbox
def test_where_all_do_not_fit_it_says_so(
    own_index: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    for version in ("2025.3.0", "2025.4.0"):
        add_release(own_index, version)
    said = Said(capsys, "build", "--all", "--python", HERE, "--size", "1", "--slots", "1")
    assert said.status == 3
    assert "Not begun, since what is in use takes all the room there is:\n  2025.3.0" in said.out


@pytest.mark.sandbox
def test_an_interrupted_build_says_what_stays(
    own_index: Index, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("2025.3.0", "2025.4.0"):
        add_release(own_index, version)
    answer = own_index.answer

    def interrupting(path: str) -> tuple[int, str, bytes]:
        if "dask-2025.3.0" in path:
            os.kill(os.getpid(), signal.SIGINT)
        return answer(path)

    monkeypatch.setattr(own_index, "answer", interrupting)
    said = Said(capsys, "build", "--all", "--slots", "1", "--python", HERE, "--json")
    assert said.status == 130
    assert said.facts["error"]["message"] == "Interrupted: 1 of 2 are done, and stay."
    assert [one.facts["packages"]["dask"] for one in store.all_stored()] == ["2025.4.0"]
