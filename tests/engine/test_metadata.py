"""What a block may say, and that everything else is a clear error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.errors import MetadataError
from reproducers.engine.metadata import Metadata, RunTable, read_metadata, read_requirement
from reproducers.engine.verdicts import Symptom


def block(toml: str) -> str:
    lines = "".join(f"# {line}\n" if line else "#\n" for line in toml.splitlines())
    return f"# /// script\n{lines}# ///\nprint('hello')\n"


def test_a_full_block_is_read_into_bytes_seconds_and_words() -> None:
    found = read_metadata(
        block("""\
requires-python = ">=3.10, <3.13"
dependencies = ["dask[complete]", "Pandas == 2.0.3", 'lz4; python_version < "3.12"']
[tool.repro]
symptom = "exception"
match = "KeyError: .*"
accept = "not supported"
workers = 4
threads = 2
memory = "2 GiB"
timeout = "90s"
gpus = 0
tries = 3
reported = "2024.01.1"
config = { distributed.scheduler.work-stealing = false, "array.chunk-size" = "1MiB" }
env = { MALLOC_TRIM_THRESHOLD_ = 65536, DASK_ARRAY__SLICING = "warn" }
files = ["data.csv", "data.csv", "more.parquet"]
""")
    )
    assert found == Metadata(
        requires_python="<3.13,>=3.10",
        dependencies=("dask[complete]", "pandas==2.0.3", 'lz4; python_version < "3.12"'),
        table=RunTable(
            symptom=Symptom.EXCEPTION,
            match="KeyError: .*",
            accept="not supported",
            workers=4,
            threads=2,
            memory_bytes=2 * 1024**3,
            timeout_seconds=90.0,
            gpus=0,
            tries=3,
            reported="2024.1.1",
            config={
                "distributed": {"scheduler": {"work-stealing": False}},
                "array.chunk-size": "1MiB",
            },
            env={"MALLOC_TRIM_THRESHOLD_": "65536", "DASK_ARRAY__SLICING": "warn"},
            files=("data.csv", "more.parquet"),
        ),
    )


def test_an_empty_block_says_nothing() -> None:
    assert read_metadata(block("\n")) == Metadata()


def test_a_script_without_a_block_has_no_metadata() -> None:
    assert read_metadata("import dask\n") is None


def test_tables_of_other_tools_are_ignored() -> None:
    assert (
        read_metadata(block('[[tool.uv.index]]\nurl = "https://evil.example/simple"\n'))
        == Metadata()
    )


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("dependencies = [", "The metadata is no TOML"),
        ("a = " + "[" * 5000, "The metadata is nested too deeply"),
        ("a = " + "9" * 5000, "The metadata is no TOML"),
        ("a = '" + "x" * 70_000 + "'", "The script's metadata has more than 64 KiB"),
        ("tool = 1", "`tool` has to be a table"),
        ("tool.repro = []", "`tool.repro` has to be a table"),
        ("requires-python = 3", "`requires-python` has to be text, not 3"),
        ("requires-python = 'three'", "`requires-python` is not a version specifier: 'three'"),
        ("dependencies = 'dask'", "`dependencies` has to be a list of texts"),
        ("dependencies = [1]", "`dependencies` has to be text, not 1"),
        (f"dependencies = {['dask'] * 501}", "`dependencies` has more than 500 entries"),
        ("[tool.repro]\nworker = 2", r"\[tool.repro\] has no key 'worker'"),
        ("[tool.repro]\nworkers = 0", "`workers` has to be from 1 to 64, not 0"),
        ("[tool.repro]\nmemory = '1PB'", "`memory` cannot be: '1PB' is not a size"),
        ("[tool.repro]\nconfig = 1", "`config` has to be a table"),
        ("[tool.repro]\nconfig.a = 2024-01-01", "`config` cannot hold a date or time"),
        (f"[tool.repro]\nconfig.a = {[1] * 501}", "`config` has more than 500 values"),
        (f"[tool.repro]\nconfig.a = {'[' * 12}{']' * 12}", "nested deeper than 10 tables"),
        ("[tool.repro]\nconfig.distributed.worker.preload = ['x']", "cannot set preloads"),
        ("[tool.repro]\nconfig.a = [{ preload = 'x' }]", "cannot set preloads"),
        ("[tool.repro]\nenv = []", "`env` has to be a table"),
        ("[tool.repro]\nenv.LD_PRELOAD = '/x.so'", "`env` may not set 'LD_PRELOAD'"),
        ("[tool.repro]\nenv.PYTHONPATH = '/x'", "`env` may not set 'PYTHONPATH'"),
        (
            "[tool.repro]\nenv.DASK_DISTRIBUTED__WORKER__PRELOAD = 'x'",
            "`env` may not set 'DASK_DISTRIBUTED__WORKER__PRELOAD'",
        ),
        ("[tool.repro]\nenv.TZ = []", "`env.TZ` has to be text"),
        ("[tool.repro]\nfiles = 'a.csv'", "`files` has to be a list of at most 20 names"),
        (f"[tool.repro]\nfiles = {['a'] * 21}", "`files` has to be a list of at most 20 names"),
        ("[tool.repro]\nfiles = ['../a']", "`files` names '../a', which is no plain file name"),
        ("[tool.repro]\nfiles = ['/etc/passwd']", "which is no plain file name"),
        ("[tool.repro]\nfiles = ['..']", "which is no plain file name"),
        ("[tool.repro]\nfiles = ['.bashrc']", "which is no plain file name"),
        ("[tool.repro]\nfiles = [1]", "which is no plain file name"),
    ],
)
def test_nonsense_is_a_clear_error_with_a_remedy(toml: str, complaint: str) -> None:
    with pytest.raises(MetadataError, match=complaint) as caught:
        read_metadata(block(toml))
    assert caught.value.remedy.endswith(".")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Dask[Complete]>=2023", "dask[Complete]>=2023"),
        ("scikit_learn", "scikit-learn"),
        ('numpy<2; python_version<"3.12"', 'numpy<2; python_version < "3.12"'),
    ],
)
def test_a_requirement_is_a_name_extras_a_specifier_and_a_marker(written: str, kept: str) -> None:
    assert read_requirement(written) == kept


@pytest.mark.parametrize(
    "refused",
    [
        "git+https://github.com/dask/dask",
        "./dask",
        "/home/me/dask",
        "dask-2024.1.0-py3-none-any.whl",
        "-r requirements.txt",
        "--index-url=https://evil.example",
        "dask; " + "(" * 280,
        "",
    ],
)
def test_a_path_or_an_option_is_no_requirement(refused: str) -> None:
    with pytest.raises(MetadataError, match="is no requirement that can be installed here"):
        read_requirement(refused)


def test_a_requirement_from_an_address_is_refused_by_name() -> None:
    with pytest.raises(MetadataError, match="dask is asked for from an address"):
        read_requirement("dask @ https://evil.example/dask.whl")


@given(st.text(max_size=200))
def test_no_text_is_more_than_an_error(text: str) -> None:
    try:
        read_metadata(block(text.replace("\r", "")))
    except MetadataError as error:
        assert error.remedy  # noqa: PT017 -- whatever the text is, nothing else may be raised
