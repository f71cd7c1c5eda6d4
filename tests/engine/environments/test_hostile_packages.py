"""Packages that attack whoever installs, compiles or imports them harm nothing but themselves."""

import hashlib
import io
import os
import stat
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from reproducers.engine.environments import EnvironmentRefused, enclosed, manifest, room
from reproducers.engine.environments.building import Build
from reproducers.engine.environments.enclosed import Enclosed
from reproducers.engine.environments.environment import Environment
from reproducers.engine.environments.layout import Layout
from reproducers.engine.environments.manifest import Difference, difference, take
from reproducers.engine.environments.progress import Progress
from reproducers.engine.environments.request import read_request
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.engine.interpreters import find
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.verdicts import Verdict
from tests.engine.environments.small_dask import DASK, HERE, RELEASE, add_release, get, started
from tests.engine.indexes import Index

pytestmark = pytest.mark.sandbox

Member = tuple[str | zipfile.ZipInfo, bytes]
SITE = f"lib/python{HERE}/site-packages"
PYC = f"cpython-{HERE.replace('.', '')}.pyc"


@pytest.fixture(autouse=True)
def dask(own_index: Index) -> Index:
    """An index with one release of a very small Dask."""
    add_release(own_index)
    return own_index


def upload(index: Index, members: Iterable[Member], *, record: bytes = b"") -> None:
    """Upload `evil`, a wheel of exactly these members."""
    index.add("evil", "1.0")
    stem, name = "evil-1.0.dist-info", "evil-1.0-py3-none-any.whl"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{stem}/METADATA", index.files[f"{name}.metadata"])
        archive.writestr(
            f"{stem}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        for member, content in members:
            archive.writestr(member, content)
        archive.writestr(f"{stem}/RECORD", record)
    index.files[name] = packed.getvalue()
    [facts] = index.projects["evil"]
    facts["hashes"]["sha256"] = hashlib.sha256(packed.getvalue()).hexdigest()


def verify_files(environment: Environment) -> Difference:
    """How the environment differs from what was written down of it."""
    kept = manifest.read(environment.folder.parent)
    assert kept is not None
    return difference(kept, take(environment.folder))


def some_now(cases: Iterable[str], *now: str) -> list[object]:
    """All cases; those that are not named are for `make soak`, since each builds for seconds."""
    return [name if name in now else pytest.param(name, marks=pytest.mark.soak) for name in cases]


def linking(path: str) -> zipfile.ZipInfo:
    """A member that says it is a symbolic link."""
    member = zipfile.ZipInfo(path)
    member.create_system = 3  # Unix, whose modes follow
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


ESCAPES: dict[str, list[Member]] = {
    "parent": [("../../../../evil-mark", b"x")],
    "absolute": [("/downloads/evil-mark", b"x")],
    "data": [("evil-1.0.data/data/../../../evil-mark", b"x")],
    "link": [(linking("evil"), b"/downloads"), ("evil/evil-mark", b"x")],
}
MARK = "import pathlib; pathlib.Path('/env/evil-mark').touch()"


@pytest.mark.parametrize("name", some_now(ESCAPES, "parent", "link"))
def test_no_member_of_a_wheel_lands_outside_the_environment(
    dask: Index, home: Path, name: str
) -> None:
    upload(dask, ESCAPES[name])
    try:
        get("evil").close()
    except (EnvironmentRefused, EnvironmentServiceError):
        assert list((home / "environments").iterdir()) == []
    outside = [path for path in home.rglob("evil-mark") if "tree" not in path.parts]
    assert [path for path in outside if "archive-v0" not in path.parts] == []
    assert list((home / "building").iterdir()) == []


@pytest.mark.soak
def test_a_link_in_a_wheel_becomes_a_file(dask: Index) -> None:
    upload(dask, [(linking("evil/passwd"), b"/etc/passwd")])
    with get("evil") as environment:
        shown = environment.folder / SITE / "evil" / "passwd"
        assert (shown.is_symlink(), shown.read_text()) == (False, "/etc/passwd")


REFUSED: dict[str, tuple[list[Member], str]] = {
    "lib64": ([("evil-1.0.data/data/lib64", b"x")], "brings what no package may: lib64"),
    "python": ([("evil-1.0.data/scripts/python", b"#!python")], "reserved name `python`"),
    "entry": (
        [("evil-1.0.dist-info/entry_points.txt", b"[console_scripts]\n../../evil-mark = e:m\n")],
        "The wheel is invalid: Script path must",
    ),
    "pyvenv": ([("evil-1.0.data/data/pyvenv.cfg", b"home = /evil\n")], "does not work"),
    "sitecustomize": ([("sitecustomize.py", b"import os; os._exit(7)")], "without a word"),
    "segfault": ([("evil.pth", b"import ctypes; ctypes.string_at(0)\n")], "does not work"),
    "name": ([("new\nline/\x1b[31m\u202e.py", b"x = 1\n")], "contains unacceptable filename"),
}


@pytest.mark.parametrize("name", some_now(REFUSED, "lib64", "entry"))
def test_what_spoils_its_environment_gets_a_verdict_and_leaves_nothing(
    dask: Index, home: Path, name: str
) -> None:
    members, reason = REFUSED[name]
    upload(dask, members)
    with pytest.raises(EnvironmentRefused, match=reason) as caught:
        get("evil")
    assert caught.value.verdict == Verdict.BAD_ENVIRONMENT
    assert list((home / "environments").iterdir()) == list((home / "building").iterdir()) == []


def test_what_runs_when_python_starts_can_write_nowhere(dask: Index, home: Path) -> None:
    tried = f"import contextlib\nwith contextlib.suppress(OSError):\n    {MARK}\n".encode()
    upload(
        dask,
        [
            ("sitecustomize.py", tried + b"print('site')\n"),
            ("usercustomize.py", tried),
            ("evil_pth.py", tried + b"print('pth')\n"),
            ("evil.pth", b"import evil_pth\n"),
        ],
    )
    with get("evil") as environment:
        said = started(environment, "print('script')").stdout
    # They do run, which proves the rest.
    assert sorted(said.split()) == [b"pth", b"script", b"site"]
    assert list(home.rglob("evil-mark")) == []


@pytest.mark.soak
def test_a_console_script_and_a_false_record_are_only_files(dask: Index) -> None:
    upload(
        dask,
        [
            ("evil.py", b"def main():\n    pass\n"),
            ("evil-1.0.dist-info/entry_points.txt", b"[console_scripts]\nevil = evil:main\n"),
        ],
        record=b"../../../../etc/passwd,,\n/etc/shadow,sha256=x,1\n",
    )
    with get("evil") as environment:
        assert (environment.folder / "bin" / "evil").read_text().startswith("#!/env/bin/python\n")
        assert "etc/passwd" not in [path.name for path in environment.folder.rglob("*")]


def test_a_package_that_replaces_dask_replaces_it_for_nobody_else(dask: Index) -> None:
    forged = b"raise SystemExit('evil was here')\n"
    upload(
        dask,
        [
            ("dask/__init__.py", DASK["dask/__init__.py"].encode() + b"EVIL = True\n"),
            (f"dask/__pycache__/__init__.{PYC}", forged),
            ("dask/extra.py", b"x = 1\n"),
        ],
    )
    with get("evil") as evil, get() as honest:
        code = "import dask; print(getattr(dask, 'EVIL', False))"
        assert started(honest, code).stdout == b"False\n"
        assert started(evil, code).exit_status == 0
        package = honest.folder / SITE / "dask"
        assert (package / "__init__.py").read_text() == DASK["dask/__init__.py"]
        for environment in (honest, evil):  # byte code is what we made of the source, not theirs
            cache = environment.folder / SITE / "dask" / "__pycache__"
            assert (cache / f"__init__.{PYC}").read_bytes() != forged


def test_what_the_compiler_cannot_take_stays_as_it_is(dask: Index) -> None:
    deep = b"x = " + b"(" * 5000 + b"1" + b")" * 5000 + b"\n"
    upload(dask, [("evil/__init__.py", b"x = 1\n"), ("evil/deep.py", deep), ("evil/no.py", b"x =")])
    with get("evil") as environment:
        cache = environment.folder / SITE / "evil" / "__pycache__"
        assert [path.name for path in cache.iterdir()] == [f"__init__.{PYC}"]
        assert started(environment, "import evil").exit_status == 0


@pytest.mark.soak
def test_a_folder_where_byte_code_belongs_does_not_matter(dask: Index) -> None:
    upload(
        dask,
        [
            ("evil/a.py", b"x = 1\n"),
            (f"evil/__pycache__/a.{PYC}/file", b"x"),
            ("bad/b.py", b"x = 1\n"),
            ("bad/__pycache__", b"x"),
        ],
    )
    with get("evil") as environment:
        assert started(environment, "import evil.a, bad.b").exit_status == 0


@pytest.mark.soak
def test_paths_may_be_long_and_odd(dask: Index) -> None:
    long, odd = "/".join(["d" * 200] * 19), "not quite a n\u00e4me.py"
    upload(dask, [(f"{long}/evil.py", b"x = 1\n"), (odd, b"x = 1\n")])
    with get("evil") as environment:
        found = verify_files(environment)
    assert not found


def test_paths_that_are_too_long_for_the_host_are_refused(dask: Index, home: Path) -> None:
    upload(dask, [("/".join(["d" * 200] * 19) + f"/{'d' * 190}/evil.py", b"x = 1\n")])
    with pytest.raises(EnvironmentRefused, match="a path that is too long"):
        get("evil")
    assert list((home / "building").iterdir()) == []


def test_a_special_file_is_refused(home: Path, tmp_path: Path) -> None:
    """uv makes none; whatever does is not to be trusted."""
    build = Build(
        request=read_request(EnvironmentSpec(dask=RELEASE, python=HERE), today=date(2026, 1, 1)),
        enclosed=Enclosed(
            layout=Layout(interpreter=find(HERE), isolation="none", empty=tmp_path),
            progress=Progress(lambda event: None, lambda: False),
        ),
        work=tmp_path,
    )
    with pytest.raises(FileNotFoundError):
        build._taken({})
    build.tree.mkdir()
    os.mkfifo(build.tree / "pipe")
    with pytest.raises(EnvironmentRefused, match="brings what no package may: pipe"):
        build._taken({})


def test_a_file_that_is_too_large_is_never_written_out(
    dask: Index, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enclosed, "LARGEST_FILE_BYTES", 40_000_000)
    upload(dask, [("evil/large", bytes(50_000_000))])
    with pytest.raises(EnvironmentServiceError, match="cannot be built"):
        get("evil")
    assert list((home / "building").iterdir()) == []
    assert max(path.stat().st_size for path in home.rglob("*") if path.is_file()) <= 40_000_000


def test_a_package_that_fills_the_disk_is_stopped_before_it_has(
    dask: Index, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get().close()
    upload(dask, [("evil.py", b"x = 1\n")])
    monkeypatch.setattr(room, "LEAST_BYTES", 1 << 60)
    with pytest.raises(EnvironmentServiceError, match="is almost full"):
        get("evil")
    assert list((home / "building").iterdir()) == []
