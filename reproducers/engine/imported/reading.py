"""Which of the formats a file has, told by its content."""

import json
import re
from pathlib import Path
from typing import Any, Final

from reproducers.engine.errors import UsageError
from reproducers.engine.imported import conda, pip_freeze, versions
from reproducers.engine.imported.bounded_yaml import read_yaml
from reproducers.engine.imported.surroundings import Surroundings
from reproducers.engine.script import read_plain_file

FILE_BYTES: Final = 4 * 1024**2
LOOKED_AT: Final = 50
REMEDY: Final = (
    "Send the output of `pip freeze`, of `conda env export`, or of "
    "`json.dumps(client.get_versions())`."
)
_BYTE_ORDERS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_IN_YAML: Final = re.compile(r"^dependencies:\s*$", re.MULTILINE)
_EXPORTED: Final = re.compile(r"[A-Za-z0-9_.-]+=[^=\s]+=[^=\s]+")


def read_file(path: Path) -> Surroundings:
    """What a file says; raises ScriptError where it cannot be read, UsageError for another kind."""
    return read_text(decoded(read_plain_file(path, limit=FILE_BYTES)))


def decoded(content: bytes) -> str:
    """As text; Windows' PowerShell writes UTF-16."""
    return content.decode(
        _BYTE_ORDERS.get(content[:2]) or _BYTE_ORDERS.get(content[:3]) or "utf-8",
        "replace",
    )


def read_text(text: str) -> Surroundings:
    """What a text says; raises UsageError for what is none of the formats."""
    read = _read(text)
    if not read.packages:
        raise UsageError("The file names no package that can be taken.", remedy=REMEDY)
    return read


def _read(text: str) -> Surroundings:
    if text.lstrip().startswith(("{", "[")):
        return _read_json(text)
    lines = [line.strip() for line in text.splitlines()[:LOOKED_AT] if line.strip()]
    entries = [line for line in lines if not line.startswith("#")]
    if "@EXPLICIT" in lines:
        return conda.read_explicit(text)
    if any(line.startswith("# packages in environment at") for line in lines):
        return conda.read_table(text)
    if entries and all(map(_EXPORTED.fullmatch, entries)):
        return conda.read_list_export(text)
    if _IN_YAML.search(text):
        return conda.read_export(read_yaml(text))
    return pip_freeze.read_freeze(text)


def _read_json(text: str) -> Surroundings:
    try:
        facts: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            "The file begins like JSON and is none; Python prints its values otherwise.",
            remedy="Write it with `json.dumps(client.get_versions())`.",
        ) from error
    if isinstance(facts, list):
        return conda.read_list_json(facts)
    if "dependencies" in facts:
        return conda.read_export(facts)
    if any(side in facts for side in versions.SIDES):
        return versions.read_versions(facts)
    raise UsageError("The JSON is none that is known here.", remedy=REMEDY)
