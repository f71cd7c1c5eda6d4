"""Where things lie inside, and on the host where there is no inside."""

from pathlib import Path

import pytest

from reproducers.engine.environments.layout import Layout
from reproducers.engine.interpreters import Interpreter
from reproducers.engine.sandbox.policy import Mount


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An interpreter's folder, with packages installed beside its standard library."""
    (tmp_path / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    return tmp_path


def interpreter(prefix: Path, *, stdlib: Path | None = None, shared: bool = False) -> Interpreter:
    return Interpreter(
        executable=prefix / "bin" / "python3.11",
        version="3.11.7",
        prefix=prefix,
        stdlib=stdlib or prefix / "lib" / "python3.11",
        library=prefix / "lib" / "libpython3.11.so.1.0" if shared else None,
    )


def test_inside_python_lies_in_one_place_and_what_is_installed_beside_it_is_hidden(
    prefix: Path,
) -> None:
    layout = Layout(
        interpreter=interpreter(prefix, shared=True),
        isolation="bubblewrap",
        empty=Path("/empty"),
    )
    assert layout.base_python == "/python/bin/python3.11"
    assert layout.python_variables() == {"LD_LIBRARY_PATH": "/python/lib"}
    assert layout.python_mounts() == (
        Mount(source=prefix / "bin/python3.11", target="/python/bin/python3.11"),
        Mount(source=prefix / "lib/python3.11", target="/python/lib/python3.11"),
        Mount(
            source=prefix / "lib/libpython3.11.so.1.0", target="/python/lib/libpython3.11.so.1.0"
        ),
        Mount(source=Path("/empty"), target="/python/lib/python3.11/site-packages"),
    )


def test_a_library_that_is_linked_in_needs_nothing(prefix: Path) -> None:
    layout = Layout(interpreter=interpreter(prefix), isolation="bubblewrap", empty=Path("/empty"))
    assert layout.python_variables() == {}
    assert len(layout.python_mounts()) == 3


@pytest.mark.parametrize(
    ("stdlib", "target"),
    [("lib64/python3.11", "/python/lib64/python3.11"), ("../x/python3.11", None)],
)
def test_a_standard_library_elsewhere_is_found_where_python_looks_for_it(
    prefix: Path, stdlib: str, target: str | None
) -> None:
    found = interpreter(prefix, stdlib=(prefix / stdlib).resolve())
    layout = Layout(interpreter=found, isolation="bubblewrap", empty=Path("/empty"))
    assert layout.python_mounts()[1].target == (target or "/python/lib/python3.11")


def test_without_isolation_everything_lies_where_it_lies(prefix: Path) -> None:
    layout = Layout(
        interpreter=interpreter(prefix, shared=True), isolation="none", empty=Path("/empty")
    )
    assert layout.base_python == str(prefix / "bin/python3.11")
    assert (layout.python_mounts(), layout.python_variables()) == ((), {})
    assert layout.place(prefix, "/env") == str(prefix)
    assert layout.mount(prefix, "/env") == ()
