"""`pip freeze`: what is pinned, and what is left out by its name and never by its address."""

import pytest

from reproducers.engine.imported import surroundings as said
from reproducers.engine.imported.pip_freeze import read_freeze
from reproducers.engine.imported.surroundings import LeftOut, Package

SECRET = "hunter2"
FREEZE = f"""
# what production has
Dask==2024.3.0
distributed===2024.3.0
pandas == 2.2.1 \\
    --hash=sha256:0123
numpy==1.26.4  # as the wheels have it
torch==2.1.0+cu121
ruamel.yaml==0.18.6
numba>=0.57,<1
old==1.0; python_version < "3"
odd===2004d-beta-of-ours
bokeh==3.*
acme @ git+https://token:{SECRET}@git.example.com/acme.git@abc
croot @ file:///croot/croot_1700000000/work
there @ https://{SECRET}.example.com/there-1.0.tar.gz
-e git+ssh://git@{SECRET}/mine.git@abc#egg=mine
--editable /home/{SECRET}/src
# Editable install with no version control (local==0.1)
--extra-index-url https://user:{SECRET}@index.example.com/simple
git+https://{SECRET}@git.example.com/other.git#egg=other
./wheels/{SECRET}.whl
what is this
"""


def test_a_freeze_is_read_line_by_line() -> None:
    read = read_freeze(FREEZE)
    assert (read.format, read.python) == ("pip freeze", None)
    assert read.packages == (
        Package(name="bokeh", specifier="==3.*"),
        Package(name="dask", version="2024.3.0"),
        Package(name="distributed", version="2024.3.0"),
        Package(name="numba", specifier="<1,>=0.57"),
        Package(name="numpy", version="1.26.4"),
        Package(name="pandas", version="2.2.1"),
        Package(name="ruamel-yaml", version="0.18.6"),
        Package(name="torch", version="2.1.0", build="cu121"),
    )


def test_what_is_left_out_is_named_without_its_address() -> None:
    read = read_freeze(FREEZE)
    assert read.left_out == (
        LeftOut(name="odd", why=said.NO_VERSION),
        LeftOut(name="acme", why=said.REPOSITORY),
        LeftOut(name="croot", why=said.FILE),
        LeftOut(name="there", why=said.ADDRESS),
        LeftOut(name="mine", why=said.EDITABLE),
        LeftOut(name="line 18", why=said.EDITABLE),
        LeftOut(name="local", why=said.EDITABLE),
        LeftOut(name="line 20", why=said.OPTION),
        LeftOut(name="other", why=said.ADDRESS),
        LeftOut(name="line 22", why=said.ADDRESS),
        LeftOut(name="line 23", why=said.UNREADABLE),
    )
    assert SECRET not in repr(read)


def test_a_file_without_end_has_bounds() -> None:
    read = read_freeze("\n".join(f"package-{number}==1.0" for number in range(3000)))
    assert len(read.packages) == said.PACKAGES
    assert len(read.left_out) == said.LEFT_OUT
    assert {one.why for one in read.left_out} == {said.TOO_MANY}


def test_the_first_of_two_versions_counts() -> None:
    assert read_freeze("dask==1.0\ndask==2.0").packages == (Package(name="dask", version="1.0"),)


@pytest.mark.parametrize("name", ["a" * 200, "((((" * 500])
def test_a_name_that_is_none_is_left_out(name: str) -> None:
    assert read_freeze(f"{name}>=1").packages == ()
