"""Byte code is made once for the same sources, and found again only for the very same."""

from pathlib import Path

import pytest

from reproducers.engine.environments import compiling, content
from reproducers.engine.environments.compiling import Unit, units
from reproducers.engine.environments.content import File, Sharing

SITE = "lib/python3.11/site-packages"
SMALL, LARGE = 1000, compiling.SMALL_BYTES


def files(**sizes: int) -> dict[str, File]:
    """Files of site-packages, `/` written as `__`."""
    return {
        f"{SITE}/{name.replace('__', '/')}.py": File(digest=name, bytes=size)
        for name, size in sizes.items()
    }


def unit(text: str = "a") -> Unit:
    path = f"{SITE}/pkg/a.py"
    return Unit(paths=(f"{SITE}/pkg",), sources={path: File(digest=text, bytes=1)})


def key(of: Unit, version: str = "3.11.7", place: str = "/env") -> str:
    return of.key(version=version, place=place)


def test_large_packages_stand_alone_and_small_ones_together() -> None:
    found = units(files(big__a=LARGE, big__b=1, six=SMALL, zipp__c=SMALL), SITE)
    assert [one.paths for one in found] == [
        (f"{SITE}/big",),
        (f"{SITE}/six.py", f"{SITE}/zipp"),
    ]
    assert [len(one.sources) for one in found] == [2, 2]


def test_only_python_in_site_packages_is_compiled_and_no_tests() -> None:
    others = {
        f"{SITE}/pkg/tests/test_a.py": File(digest="t", bytes=1),
        f"{SITE}/pkg/data.txt": File(digest="d", bytes=1),
        "bin/tool.py": File(digest="b", bytes=1),
    }
    assert units(others, SITE) == ()


def test_byte_code_is_found_again_for_the_same_sources_place_and_python_only() -> None:
    assert key(unit()) == key(unit())
    others = {
        key(unit("b")),
        key(unit(), version="3.11.8"),
        key(unit(), place="/elsewhere"),
        key(Unit(paths=("x",), sources=unit().sources)),
    }
    assert key(unit()) not in others
    assert len(others) == 4


def test_a_file_more_in_the_package_is_another_package() -> None:
    more = Unit(paths=unit().paths, sources={**unit().sources, **files(pkg__evil=1)})
    assert key(more) != key(unit())


def test_python_looks_for_byte_code_beside_the_source() -> None:
    found = compiling.byte_code_of(f"{SITE}/pkg/a.b.py", "3.8.18")
    assert found == f"{SITE}/pkg/__pycache__/a.b.cpython-38.pyc"


@pytest.fixture
def tree(home: Path) -> Path:
    """A package of one module without byte code."""
    (home / "tree" / "pkg").mkdir(parents=True)
    return home / "tree"


def remembered(home: Path, *names: str) -> dict[str, File]:
    """Byte code that was made once."""
    made = {}
    for name in names:
        path = home / name
        path.write_text(f"code of {name}")
        made[f"pkg/__pycache__/{name}"] = Sharing(spare=home / "spare", is_on=True)(path)
    compiling.remember("key", made)
    return made


def test_what_was_made_once_is_put_where_it_belongs(home: Path, tree: Path) -> None:
    made = remembered(home, "a.pyc", "b.pyc")
    assert compiling.recall("key", tree) == made
    assert (tree / "pkg" / "__pycache__" / "b.pyc").samefile(home / "b.pyc")
    assert compiling.recall("other", tree) is None


def test_where_a_part_is_gone_nothing_is_put_and_all_is_forgotten(home: Path, tree: Path) -> None:
    made = remembered(home, "a.pyc", "b.pyc")
    content.discard([made["pkg/__pycache__/b.pyc"]])
    assert compiling.recall("key", tree) is None
    assert list((tree / "pkg" / "__pycache__").iterdir()) == []
    assert list((home / "compiled").iterdir()) == []


def test_a_file_where_byte_code_belongs_is_left_alone(home: Path, tree: Path) -> None:
    remembered(home, "a.pyc")
    (tree / "pkg" / "__pycache__").write_text("mine")
    assert compiling.recall("key", tree) is None
    assert (tree / "pkg" / "__pycache__").read_text() == "mine"
