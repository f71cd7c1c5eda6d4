"""What conda writes, in all its forms: packages of Python's by their names on the index."""

import json

import pytest

from reproducers.engine.errors import UsageError
from reproducers.engine.imported import surroundings as said
from reproducers.engine.imported.conda_names import is_python, name_on_index
from reproducers.engine.imported.reading import read_text
from reproducers.engine.imported.surroundings import LeftOut, Package, Surroundings

SECRET = "hunter2"
EXPORT = f"""
name: prod
channels:
  - https://conda.example.com/t/{SECRET}/private
dependencies:
  - _libgcc_mutex=0.1=conda_forge
  - python=3.10.13=hd12c33a_0_cpython
  - conda-forge::dask-core=2024.3.0=pyhd8ed1ab_0
  - msgpack-python=1.0.7=py310hd41b1e2_0
  - libarrow=15.0.0=h6bfc85a_4_cpu
  - cudf=24.12.00=cuda12_py310_241211_g1234
  - numpy
  - pandas>=2
  - zlib>=1.2
  - "{SECRET}/ nothing"
  - 7
  - pip:
      - xgboost==2.0.3
      - git+https://{SECRET}@git.example.com/x.git#egg=x
prefix: /home/{SECRET}/envs/prod
"""
LISTED = "dask-core=2024.3.0=pyhd8ed1ab_0\nopenssl=3.2.1=hd590300_0\nxgboost=2.0.3=pypi_0\n"
TABLE = """# packages in environment at /home/me/envs/prod:
#
# Name                    Version                   Build  Channel
dask-core                 2024.3.0           pyhd8ed1ab_0    conda-forge
openssl                   3.2.1                hd590300_0    conda-forge
python                    3.10.13      hd12c33a_0_cpython    conda-forge
Xgboost                   2.0.3                    pypi_0    pypi
"""
EXPLICIT = f"""# platform: linux-64
@EXPLICIT
https://conda.example.com/t/{SECRET}/linux-64/python-3.10.13-hd12c33a_0_cpython.conda#0123
https://conda.example.com/conda-forge/noarch/dask-core-2024.3.0-pyhd8ed1ab_0.conda
https://conda.example.com/conda-forge/linux-64/zstd-1.5.5-hfc55251_0.tar.bz2
file:///home/{SECRET}/thing.zip
"""
DASK = Package(name="dask", version="2024.3.0")
XGBOOST = Package(name="xgboost", version="2.0.3")


def test_an_export_is_read_with_what_pip_installed() -> None:
    assert read_text(EXPORT) == Surroundings(
        format="conda export",
        python="3.10",
        packages=(
            Package(name="cudf-cu12", version="24.12.0"),
            DASK,
            Package(name="msgpack", version="1.0.7"),
            Package(name="numpy"),
            Package(name="pandas", specifier=">=2"),
            XGBOOST,
        ),
        left_out=(
            LeftOut(name="_libgcc_mutex", why=said.NO_PYTHON),
            LeftOut(name="libarrow", why=said.NO_PYTHON),
            LeftOut(name="zlib", why=said.NO_PYTHON),
            LeftOut(name="an entry", why=said.UNREADABLE),
            LeftOut(name="x", why=said.ADDRESS),
        ),
    )
    assert SECRET not in repr(read_text(EXPORT))


def test_an_export_in_json_is_the_same() -> None:
    facts = {"dependencies": ["python=3.10.13", "dask-core=2024.3.0", {"pip": ["xgboost==2.0.3"]}]}
    assert read_text(json.dumps(facts)).packages == (DASK, XGBOOST)


def test_lists_are_read_in_their_forms() -> None:
    assert read_text(LISTED).packages == (DASK, XGBOOST)
    assert read_text(LISTED).format == "conda list --export"
    assert (read_text(TABLE).packages, read_text(TABLE).python) == ((DASK, XGBOOST), "3.10")
    assert read_text(TABLE).left_out[0] == LeftOut(name="openssl", why=said.NO_PYTHON)


def test_an_explicit_list_is_read_by_its_archives_names() -> None:
    read = read_text(EXPLICIT)
    assert (read.format, read.python, read.packages) == (
        "conda list --explicit",
        "3.10",
        (DASK,),
    )
    assert read.left_out == (
        LeftOut(name="zstd", why=said.NO_PYTHON),
        LeftOut(name="line 5", why=said.UNREADABLE),
    )


def test_lists_in_json_are_those_of_conda_or_pip() -> None:
    listed = [
        {"name": "openssl", "version": "3.2", "channel": "conda-forge", "build_string": "h0_0"},
        {"name": "dask", "version": "2024.3.0", "channel": "conda-forge", "build_string": "pyh_0"},
        {"name": "xgboost", "version": "2.0.3", "channel": "pypi", "build_string": "pypi_0"},
        {"name": "a name\x1b[2J", "version": "1"},
        "nothing",
    ]
    read = read_text(json.dumps(listed))
    assert read.packages == (DASK, XGBOOST)
    assert LeftOut(name="a name", why=said.UNREADABLE) in read.left_out
    assert read_text('[{"name": "Dask", "version": "2024.3.0"}]').packages == (DASK,)


@pytest.mark.parametrize(
    ("name", "build", "is_so"),
    [
        ("pandas", "py310hcc13569_0", True),
        ("dask", "pyhd8ed1ab_0", True),
        ("pip-installed", "pypi_0", True),
        ("cudf", "cuda12_py311_241211_g1", True),
        ("tzdata", "", False),
        ("zlib", "py310_0", False),
        ("numpy", "h123_0", False),
        ("libarrow", "", False),
        ("libcst", "", True),
        ("cuda-nvcc", "", False),
        ("cuda-python", "", True),
        ("arrow-cpp", "", False),
    ],
)
def test_builds_and_names_tell_what_is_pythons(name: str, build: str, is_so: bool) -> None:
    assert is_python(name, build) is is_so


def test_names_on_the_index_differ_from_condas() -> None:
    assert [name_on_index(name) for name in ("pytables", "dask_cudf", "rmm", "pytorch", "a.b")] == [
        *("tables", "dask-cudf-cu12", "rmm-cu12", "torch", "a-b"),
    ]


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for number in range(1, 20):
        lines.append(f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]")
    return "\n".join([*lines, "dependencies:", "  - dask"])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (bomb(), "anchors, tags"),
        ("dependencies:\n  - !!python/object/apply:os.system [id]\n", "anchors, tags"),
        ("dependencies:\n  - " + "[" * 30 + "]" * 30, "too deeply nested"),
        ("dependencies:\n" + "  - a\n" * 30_000, "too many"),
        ("dependencies:\n  - [\n", "The file is no YAML"),
        ("dependencies:\n" + "  # \n" * 100_000, "more than 262144 characters"),
    ],
)
def test_yaml_that_conda_did_not_write_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        read_text(text)
