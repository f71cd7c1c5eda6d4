"""A damaged environment is found, named, and built again as it was; a sound one is left alone."""

import os
import shutil
from pathlib import Path

import pytest

from reproducers.engine import interpreters
from reproducers.engine.environments import canary, store, verification
from reproducers.engine.environments.manifest import NAME, Difference
from reproducers.engine.environments.store import Stored
from reproducers.engine.environments.verification import Finding, Repair
from reproducers.engine.events import Cancellation
from tests.engine.environments.made import make
from tests.engine.environments.small_dask import HERE, add_release, get
from tests.engine.indexes import Index

PYTHON = {"python": "3.11.7"}


def verify(key: str) -> Finding:
    return verification.verify(
        stored(key), verification.Reader(), emit=lambda event: None, cancelled=lambda: False
    )


def repair(finding: Finding) -> Repair:
    return verification.repair(finding, emit=lambda event: None, cancelled=lambda: False)


def stored(key: str) -> Stored:
    found = store.stored(key)
    assert found is not None
    return found


def overwrite(path: Path, text: str) -> None:
    """Change a file in place, as a disk or somebody with rights may; others see it too."""
    with path.open("r+") as file:
        file.write(text)


@pytest.mark.sandbox
def test_a_damaged_environment_is_found_and_built_again(own_index: Index) -> None:
    add_release(own_index)
    with get() as environment:
        key, folder = environment.key, environment.folder
    assert verify(key).is_well
    init = folder / "lib" / f"python{HERE}" / "site-packages" / "dask" / "__init__.py"
    overwrite(init, "DEF")
    finding = verify(key)
    assert finding.difference == Difference(changed=(str(init.relative_to(folder)),))
    assert finding.reason == "Its files are not as they were built: 1 changed."
    assert repair(finding) == Repair(is_done=True, told="It was removed and built again.")
    assert verify(key).is_well
    assert init.read_text().startswith("def")


@pytest.mark.sandbox
def test_an_environment_that_works_no_more_is_found_by_its_canary(
    own_index: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_release(own_index)
    with get() as environment:
        key = environment.key
    (tmp_path / "canary.py").write_text("raise SystemExit('no cluster')\n")
    monkeypatch.setattr(canary, "SOURCE", tmp_path / "canary.py")
    finding = verify(key)
    assert finding.reason == "The environment does not work: no cluster"
    refused = repair(finding)
    assert refused.is_done
    assert refused.told.startswith("It was removed. The environment does not work")
    assert store.stored(key) is None


def test_added_and_missing_files_are_named(home: Path) -> None:
    tree = make("aa", {"a.py": b"a", "b.py": b"b"}, facts=PYTHON)
    (tree / "b.py").unlink()
    (tree / "evil.pth").write_text("import evil\n")
    finding = verify("aa")
    assert finding.difference == Difference(added=("evil.pth",), missing=("b.py",))
    assert finding.reason == "Its files are not as they were built: 1 added, 1 missing."


def test_to_look_at_it_is_not_to_use_it(home: Path) -> None:
    make("aa", used_at=1234.0, facts={"python": "3.8.1000"})
    verify("aa")
    assert (stored("aa").used_at, store.is_held("aa")) == (1234.0, False)


def test_one_without_a_manifest_is_broken(home: Path) -> None:
    make("aa", facts=PYTHON)
    (store.folder_of("aa") / NAME).unlink()
    assert verify("aa").reason == "Its manifest is missing."


def test_one_that_holds_a_pipe_is_broken_and_nobody_waits_for_it(home: Path) -> None:
    os.mkfifo(make("aa", facts=PYTHON) / "pipe")
    assert verify("aa").reason == "It cannot be read: pipe"


def test_one_whose_python_is_gone_is_broken(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make("aa", facts={"python": "3.8.1000"})
    here = interpreters.find(HERE)
    with monkeypatch.context() as patch:
        patch.setattr(interpreters, "find", lambda minor: here)
        assert verify("aa").reason == "Python 3.8.1000, which it was built with, is gone."
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("HOME", "/nowhere")
    monkeypatch.setenv("PYENV_ROOT", "/nowhere")
    assert verify("aa").reason == "Python 3.8 is not on this machine."


def test_one_that_went_meanwhile_is_told_so(home: Path) -> None:
    make("aa", facts=PYTHON)
    one = stored("aa")
    shutil.rmtree(one.folder)
    finding = verification.verify(
        one, verification.Reader(), emit=lambda event: None, cancelled=lambda: False
    )
    assert finding.reason == "It was removed meanwhile."


def test_who_asks_for_an_end_gets_it(home: Path) -> None:
    make("aa", facts=PYTHON)
    with pytest.raises(Cancellation):
        verification.verify(
            stored("aa"), verification.Reader(), emit=lambda event: None, cancelled=lambda: True
        )
    assert not store.is_held("aa")


def test_what_is_in_use_is_not_repaired(home: Path) -> None:
    make("aa", facts=PYTHON)
    lease = store.hold("aa")
    assert lease is not None
    repaired = repair(Finding(one=stored("aa"), reason="x"))
    assert repaired == Repair(is_done=False, told="It is in use: repair it when that has ended.")
    lease.close()


def test_what_nobody_knows_how_it_was_built_is_only_removed(home: Path) -> None:
    make("aa", facts=PYTHON)
    (store.folder_of("aa") / NAME).unlink()
    repaired = repair(verify("aa"))
    assert repaired.is_done
    assert repaired.told.startswith("It was removed. It is not known what aa was built from.")
    assert store.stored("aa") is None


def test_files_that_environments_share_are_read_once(home: Path) -> None:
    tree = make("aa", {"a.py": b"same", "b.py": b"same"}, facts=PYTHON)
    reader = verification.Reader()
    first = reader(tree / "a.py")
    assert reader(tree / "b.py") is first


@pytest.mark.sandbox
def test_another_python_of_the_same_name_builds_nothing_again(own_index: Index) -> None:
    add_release(own_index)
    with get() as environment:
        key = environment.key
    one = stored(key)
    other = Stored(
        key="another", folder=one.folder, bytes=0, own_bytes=0, used_at=0.0, facts=one.facts
    )
    store.folder_of(key).rename(store.folder_of("another"))
    repaired = repair(Finding(one=other, reason="x"))
    assert repaired.told.startswith("It was removed. Python ")
    assert "which another was built with, is here no more." in repaired.told
