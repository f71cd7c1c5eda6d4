"""Whether a text is Python, and what it imports: found out in a process with bounds.

Parsing hostile text can exhaust memory or the stack, and a stack that is exhausted ends the
process, so it is never this one. The child has no environment and no files, 1 GiB and 10 seconds.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from packaging.version import Version

from reproducers.engine.errors import ScriptError
from reproducers.engine.interpreters import Interpreter, available, find

MEMORY_BYTES: Final = 1024**3
CPU_SECONDS: Final = 10
WALL_SECONDS: Final = 20.0
ANSWER_BYTES: Final = 64 * 1024

# Runs in the child. Relative imports have no module name of their own; names are cut and counted
# there, so that the answer is short whatever the text is.
_PARSER: Final = """
import ast, json, resource, sys, warnings
memory, seconds = int(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
warnings.simplefilter("ignore")
try:
    tree = ast.parse(sys.stdin.buffer.read(), sys.argv[1])
except SyntaxError as error:
    answer = {"line": error.lineno, "message": str(error.msg)[:200]}
except (RecursionError, MemoryError, ValueError) as error:
    answer = {"line": None, "message": "it is nested too deeply or too large to be parsed"}
else:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    answer = {"imports": sorted(name for name in names if len(name) <= 100)[:200]}
json.dump(answer, sys.stdout)
"""


@dataclass(frozen=True, kw_only=True)
class Syntax:
    """What parsing told. `requires_python` is set where only a newer Python can read the text."""

    imports: tuple[str, ...]
    requires_python: str | None = None
    notes: tuple[str, ...] = ()


def read_syntax(text: str, *, name: str, newer: Iterable[Interpreter] | None = None) -> Syntax:
    """Parse a text with this Python, else with a `newer` one (default: those of this machine).

    Raises ScriptError naming the line where no Python can read it.
    """
    answer = _parsed(text, name, sys.executable)
    if "imports" in answer:
        return Syntax(imports=tuple(answer["imports"]))
    for interpreter in newer_interpreters() if newer is None else newer:
        second = _parsed(text, name, str(interpreter.executable))
        if "imports" in second:
            return _read_by(interpreter.minor, second)
    raise _error(name, answer)


def newer_interpreters() -> tuple[Interpreter, ...]:
    """The interpreters of this machine that are newer than this one, one a minor, ascending."""
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    return tuple(find(minor) for minor in available() if Version(minor) > Version(mine))


def _read_by(minor: str, answer: dict[str, Any]) -> Syntax:
    return Syntax(
        imports=tuple(answer["imports"]),
        requires_python=f">={minor}",
        notes=(f"The script is written for a newer Python; read with {minor}.",),
    )


def _parsed(text: str, name: str, executable: str) -> dict[str, Any]:
    try:
        child = subprocess.run(  # noqa: S603 -- our own interpreter and text, no shell
            [executable, "-I", "-S", "-c", _PARSER, name, str(MEMORY_BYTES), str(CPU_SECONDS)],
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=WALL_SECONDS,
            check=False,
        )
        answer = json.loads(child.stdout[:ANSWER_BYTES])
    except (subprocess.TimeoutExpired, ValueError):
        return {"line": None, "message": "it is nested too deeply or too large to be parsed"}
    return dict(answer)


def _error(name: str, answer: dict[str, Any]) -> ScriptError:
    line = answer.get("line")
    where = f"{name}, line {line}" if isinstance(line, int) else name
    return ScriptError(
        f"{where}: {answer.get('message')}.",
        remedy="Correct the script; it has to be one Python file that can be parsed.",
    )
