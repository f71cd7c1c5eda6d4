"""Which distributions a script without metadata needs, told from the names it imports."""

import sys
from collections.abc import Iterable
from typing import Final

from packaging.utils import canonicalize_name

# Import names whose distribution is called otherwise. What is neither here nor in the standard
# library is taken to be a distribution of the same name.
DISTRIBUTIONS: Final = {
    "Bio": "biopython",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "git": "gitpython",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "osgeo": "gdal",
    "pkg_resources": "setuptools",
    "psycopg2": "psycopg2-binary",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "snappy": "python-snappy",
    "yaml": "pyyaml",
}

# Part of dask[complete], or of each other: naming them again would only narrow the resolution.
_WITH_DASK: Final = frozenset(
    {"bokeh", "cloudpickle", "dask", "distributed", "fsspec", "jinja2", "msgpack", "numpy"}
    | {"pandas", "psutil", "pyyaml", "sortedcontainers", "tblib", "toolz", "tornado", "zict"}
)
IMPORTS: Final = 40


def distributions(imports: Iterable[str]) -> tuple[str, ...]:
    """The distributions that provide the imported top-level names, sorted, without Dask's own."""
    names: set[str] = {
        canonicalize_name(DISTRIBUTIONS.get(name, name))
        for name in imports
        if name.isascii() and name not in sys.stdlib_module_names and not name.startswith("_")
    }
    return tuple(sorted(names - _WITH_DASK))[:IMPORTS]
