"""What is hostile before it runs: metadata and script files that ask for what they may not have.

These checks stand before a RunPolicy is made, so that none of them can be switched off.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reproducers.engine.errors import ScriptError
from reproducers.engine.prepare import make_job
from reproducers.engine.script import SCRIPT_BYTES, read_files, read_script, read_script_file

SECONDS = 20.0
"""Generous, for a busy machine: none of it may take time that grows with its square."""

REPRO = "[tool.repro]\n"
METADATA = {
    "a path above": REPRO + 'files = ["../../etc/shadow"]',
    "an absolute path": REPRO + 'files = ["/etc/shadow"]',
    "a hidden file": REPRO + 'files = [".netrc"]',
    "a file named like an option": REPRO + 'files = ["-rf"]',
    "more files than anybody needs": REPRO + f"files = {[f'{n}.csv' for n in range(999)]}",
    "a preloaded library": REPRO + 'env = {LD_PRELOAD = "/work/evil.so"}',
    "a path of modules": REPRO + 'env = {PYTHONPATH = "/work"}',
    "a start-up file": REPRO + 'env = {PYTHONSTARTUP = "/work/evil.py"}',
    "a breakpoint": REPRO + 'env = {PYTHONBREAKPOINT = "os.system"}',
    "a cache of bytecode": REPRO + 'env = {PYTHONPYCACHEPREFIX = "/tmp"}',
    "another home": REPRO + 'env = {HOME = "/"}',
    "the observer's folder": REPRO + 'env = {REPRO_OBSERVER_FOLDER = "/tmp"}',
    "a preload by its variable": REPRO + 'env = {DASK_DISTRIBUTED__WORKER__PRELOAD = "evil"}',
    "all settings by one variable": REPRO + 'env = {DASK_INTERNAL_INHERIT_CONFIG = "e30="}',
    "a folder of settings": REPRO + 'env = {DASK_CONFIG = "/work"}',
    "a variable of two lines": REPRO + 'env = {TZ = "UTC\\nLD_PRELOAD=x"}',
    "a variable with a NUL": REPRO + 'env = {TZ = "UTC\\u0000"}',
    "a preload by settings": REPRO + 'config = {distributed = {worker = {preload = ["evil"]}}}',
    "a preload hidden in a list": REPRO + 'config = {a = [[[{"nanny-preload" = "evil"}]]]}',
    "settings that are deep": REPRO + "config = " + "{a = " * 30 + "1" + "}" * 30,
    "settings that are many": REPRO + f"config = {{a = {list(range(5000))}}}",
    "more memory than there is": REPRO + 'memory = "1e300GiB"',
    "memory that is no number": REPRO + "memory = nan",
    "time without end": REPRO + "timeout = inf",
    "negative time": REPRO + "timeout = -1",
    "a number of 4,000 digits": REPRO + "tries = " + "9" * 4000,
    "a number of 10,000 digits": REPRO + "tries = " + "9" * 10_000,
    "an expression that is huge": REPRO + "match = '" + "(" * 5000 + "'",
    "an expression without bounds": REPRO + "match = '(a{1,99999999999}){1,99999}'",
    "an expression in an expression": REPRO + "match = '" + "(" * 240 + "a" + ")" * 239 + "'",
    "tables that are deep": "a = " + "[" * 20_000,
    "tables that are many": "[a" + ".a" * 20_000 + "]\nb = ",
    "a block that is huge": "a = 1\n" * 20_000,
    "a dependency from an address": 'dependencies = ["dask @ https://example.invalid/x.whl"]',
    "a dependency from a path": 'dependencies = ["/tmp/evil.whl"]',
    "a dependency that is an option": 'dependencies = ["--index-url=https://example.invalid"]',
    "dependencies without end": f"dependencies = {['dask'] * 5000}",
    "a key that is unknown": REPRO + "without = ['network']",
    "an isolation": REPRO + 'isolation = "none"',
}


def script(block: str) -> bytes:
    lines = "".join(f"# {line}\n" if line else "#\n" for line in block.splitlines())
    return f"# /// script\n{lines}# ///\nprint(1)\n".encode()


@pytest.mark.parametrize("name", METADATA)
def test_metadata_may_not_have(name: str) -> None:
    began = time.monotonic()
    with pytest.raises(ScriptError) as caught:
        make_job(read_script(script(METADATA[name])))
    assert time.monotonic() - began < SECONDS
    assert caught.value.remedy
    assert len(caught.value.message) < 1000
    assert caught.value.message.isprintable()


def link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def large(path: Path) -> None:
    path.write_bytes(b"#" * (SCRIPT_BYTES + 1))


def huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


@pytest.mark.parametrize("make", [link, pipe, folder, large, huge])
def test_neither_script_nor_data_may_be(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "it.py")
    with pytest.raises(ScriptError):
        read_script_file(tmp_path / "it.py")
    if make is not large:  # for data that is no more than usual
        with pytest.raises(ScriptError):
            read_files(tmp_path, ["it.py"])


SOURCES = {
    "brackets without end": b"(" * 200_000,
    "a chain of operators": b"1" + b"+1" * 300_000,
    "attributes of attributes": b"a" + b".a" * 300_000,
    "nested blocks": b"".join(b" " * n + b"if 1:\n" for n in range(900)),
    "a huge number": b"x = " + b"9" * 500_000,
    "one long string": b"x = '" + b"\\N{BULLET}" * 50_000,
    "an f-string in an f-string": b"f'{" * 50_000,
    "backslashes": b"\\\n" * 200_000,
    "no text": bytes(range(256)),
    "a NUL": b"print(1)\0",
}


def refusal_of(source: bytes) -> str:
    """What its author is told, nothing where it can be read."""
    try:
        read_script(source)
    except ScriptError as error:
        return error.message
    return ""


@pytest.mark.soak
@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_read_or_refused_in_bounded_time(name: str) -> None:
    began = time.monotonic()
    told = refusal_of(SOURCES[name])
    assert time.monotonic() - began < SECONDS
    assert len(told) < 1000
    assert told.isprintable()
