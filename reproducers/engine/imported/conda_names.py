"""What packages of conda are called on the index, and which are no packages of Python's at all."""

import re
from typing import Final

from packaging.utils import canonicalize_name

from reproducers.engine.environments.gpu import CUDA, LIBRARIES

# Where the names differ. What is not here has the same name, if the index has that version of it.
NAMES: Final = {
    "bokeh-base": "bokeh",
    "brotli-python": "brotli",
    "cupy": "cupy-cuda12x",
    "cupy-core": "cupy-cuda12x",
    "dask-core": "dask",
    "jsonschema-with-format-nongpl": "jsonschema",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "opencv": "opencv-python-headless",
    "psycopg2": "psycopg2-binary",
    "py-opencv": "opencv-python-headless",
    "py-xgboost": "xgboost",
    "pyarrow-core": "pyarrow",
    "pytables": "tables",
    "python-duckdb": "duckdb",
    "python-graphviz": "graphviz",
    "python-kubernetes": "kubernetes",
    "python-lmdb": "lmdb",
    "python-tzdata": "tzdata",
    "python-xxhash": "xxhash",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "tensorflow-base": "tensorflow",
}

# Their names mean something else on the index, or nothing.
NOT_PYTHON: Final = frozenset(
    {"arrow-cpp", "binutils", "blas", "blosc", "brotli", "brotli-bin", "bzip2", "c-ares", "cairo"}
    | {"ca-certificates", "cfitsio", "compiler-rt", "cuda", "cuda-version", "cudatoolkit", "cudnn"}
    | {"curl", "dbus", "expat", "ffmpeg", "fontconfig", "freetype", "gcc", "geos", "gflags", "git"}
    | {"giflib", "glib", "glog", "gmp", "gnutls", "graphviz", "gsl", "gst-plugins-base", "gxx"}
    | {"gstreamer", "hdf4", "hdf5", "icu", "intel-openmp", "jpeg", "keyutils", "krb5", "lame"}
    | {"lcms2", "ld_impl_linux-64", "lerc", "llvm-openmp", "lz4-c", "make", "mkl", "mpc", "mpfr"}
    | {"mpi", "mpich", "mysql", "nccl", "ncurses", "nettle", "nodejs", "nspr", "nss", "openblas"}
    | {"openh264", "openjdk", "openjpeg", "openldap", "openmpi", "openssl", "orc", "pandoc"}
    | {"pango", "patchelf", "pcre", "pcre2", "perl", "pixman", "poppler", "proj", "python_abi"}
    | {"pthread-stubs", "qt", "qt-main", "r-base", "rdma-core", "re2", "readline", "ruby", "rust"}
    | {"s2n", "snappy", "spdlog", "sqlite", "tbb", "tk", "tzcode", "tzdata", "ucx", "unixodbc"}
    | {"utf8proc", "wget", "x264", "x265", "xerces-c", "xz", "yaml", "zeromq", "zlib", "zlib-ng"}
    | {"zstd"}
)
_NOT_PYTHON: Final = re.compile(
    r"""(lib(?!cst$|pysal$|rosa$)|_|aws-c-|aws-crt-cpp|aws-checksums|aws-sdk-cpp|font-|fonts-|r-
    |cuda-(?!bindings$|core$|pathfinder$|python$)|sysroot_|vc14_|vs20|xorg-).*|vc
    |.*(-cpp|-c|-static|_linux-64|_osx-64|_win-64|_osx-arm64)""",
    re.VERBOSE,
)
# Of a build string such as `py310h5764c6d_1`, `pyhd8ed1ab_0`, `cuda12_py311_0` or `pypi_0`.
_PYTHON_BUILD: Final = re.compile(r"py(h|_|\d)")


def name_on_index(name: str) -> str:
    """A package's name on the index."""
    plain = canonicalize_name(NAMES.get(name.lower(), name))
    return f"{plain}-{CUDA}" if plain in LIBRARIES else plain


def is_python(name: str, build: str) -> bool:
    """Whether it is a package of Python's: by its build where that is known, else by its name."""
    lowered = name.lower()
    if build.startswith("pypi"):
        return True
    if lowered in NOT_PYTHON:
        return False
    if build:
        return _PYTHON_BUILD.search(build) is not None
    return _NOT_PYTHON.fullmatch(lowered) is None
