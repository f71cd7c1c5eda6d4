"""Where things lie for a process that uses an environment, inside a sandbox and without one.

Inside, the places are the same on every machine, so that no path of the host shows in a traceback.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine.interpreters import Interpreter
from reproducers.engine.job import Isolation
from reproducers.engine.sandbox.policy import Mount

PYTHON: Final = "/python"
ENVIRONMENT: Final = "/env"
BUILD: Final = "/build"
DOWNLOADS: Final = "/downloads"
UV: Final = "/tools/uv"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Paths as a process sees them. `empty` is a folder of the host that is kept empty."""

    interpreter: Interpreter
    isolation: Isolation
    empty: Path

    @property
    def is_inside(self) -> bool:
        return self.isolation != "none"

    @property
    def base_python(self) -> str:
        """The interpreter itself, without any environment's packages."""
        executable = self.interpreter.executable
        return f"{PYTHON}/bin/{executable.name}" if self.is_inside else str(executable)

    def python_mounts(self) -> tuple[Mount, ...]:
        """The interpreter and its standard library, and none of what is installed beside it."""
        if not self.is_inside:
            return ()
        found, relative = self.interpreter, self._relative_stdlib()
        stdlib = f"{PYTHON}/{relative}"
        mounts = [
            Mount(source=found.executable, target=self.base_python),
            Mount(source=found.stdlib, target=stdlib),
        ]
        if found.library is not None:
            mounts.append(Mount(source=found.library, target=f"{PYTHON}/lib/{found.library.name}"))
        hidden = (
            name for name in ("site-packages", "dist-packages") if (found.stdlib / name).is_dir()
        )
        mounts.extend(Mount(source=self.empty, target=f"{stdlib}/{name}") for name in hidden)
        return tuple(mounts)

    def python_variables(self) -> dict[str, str]:
        """What a process needs to start the interpreter."""
        if not self.is_inside or self.interpreter.library is None:
            return {}
        return {"LD_LIBRARY_PATH": f"{PYTHON}/lib"}

    def place(self, host: Path, inside: str) -> str:
        """`inside` in a sandbox, else the path of the host."""
        return inside if self.is_inside else str(host)

    def mount(self, host: Path, inside: str, *, writable: bool = False) -> tuple[Mount, ...]:
        """The mount that makes `place` true: one in a sandbox, else none."""
        return (Mount(source=host, target=inside, writable=writable),) if self.is_inside else ()

    def _relative_stdlib(self) -> Path:
        """`lib/python3.11`, or `lib64/python3.11` where the interpreter was built so."""
        found = self.interpreter
        if found.stdlib.is_relative_to(found.prefix):
            return found.stdlib.relative_to(found.prefix)
        return Path("lib") / found.stdlib.name
