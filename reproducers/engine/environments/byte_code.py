"""Compiling an environment: what was compiled before is linked, the rest made in sandboxes."""

import os
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine.environments import compiling, store
from reproducers.engine.environments.compiling import Unit
from reproducers.engine.environments.content import File, Sharing
from reproducers.engine.environments.enclosed import OUTPUT, Enclosed, broken
from reproducers.engine.environments.layout import ENVIRONMENT
from reproducers.engine.environments.locks import exclusive
from reproducers.engine.environments.manifest import Manifest
from reproducers.engine.interpreters import minor_of
from reproducers.engine.sandbox.policy import SandboxOutcome

SECONDS: Final = 900.0
MOST_AT_ONCE: Final = 8
DEEPEST: Final = 100


def compile_all(
    enclosed: Enclosed, version: str, tree: Path, manifest: Manifest
) -> dict[str, File]:
    """The byte code of everything in `tree` but tests, put there; by its path.

    A unit that the compiler cannot survive stays as it is: it works, but slower.
    Raises EnvironmentServiceError where it takes too long, and Cancellation.
    """
    site = f"lib/python{minor_of(version)}/site-packages"
    compiler = _Compiler(enclosed=enclosed, version=version, tree=tree, site=site)
    found = compiling.units(manifest.files, site)
    enclosed.progress.say("compiling")
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_AT_ONCE)) as pool:
        started = [pool.submit(compiler.byte_code, unit) for unit in found]
        made: dict[str, File] = {}
        try:
            for each in started:
                made.update(each.result())
        finally:
            pool.shutdown(cancel_futures=True)
    return made


@dataclass(frozen=True, kw_only=True)
class _Compiler:
    enclosed: Enclosed
    version: str
    tree: Path
    site: str

    def byte_code(self, unit: Unit) -> Mapping[str, File]:
        if not self.enclosed.layout.is_inside:
            return self._made(unit, key=None)
        key = unit.key(version=self.version, place=ENVIRONMENT)
        if (recalled := compiling.recall(key, self.tree)) is not None:
            return recalled
        lock = store.build_lock(f"unit-{key}")
        with exclusive(lock, self.enclosed.progress, waiting_for="another compiler of the same"):
            recalled = compiling.recall(key, self.tree)
            return self._made(unit, key=key) if recalled is None else recalled

    def _made(self, unit: Unit, *, key: str | None) -> dict[str, File]:
        with tempfile.TemporaryDirectory(prefix="compiled-", dir=self.tree.parent) as folder:
            output = Path(folder) / "output"
            output.mkdir()
            outcome = self._run(unit, output)
            # compileall ends with 1 for a file that is no Python of this version: not rare.
            is_complete = outcome.exit_status in {0, 1}
            if outcome.limit == "timeout":
                raise broken(outcome)
            made = self._moved(unit, output, is_shared=key is not None) if is_complete else {}
        if key is not None and is_complete:
            compiling.remember(key, made)
        return made

    def _run(self, unit: Unit, output: Path) -> SandboxOutcome:
        layout, places = self.enclosed.layout, tuple(map(self._place, unit.paths))
        return self.enclosed.python(
            (
                *(layout.base_python, "-I", "-S"),
                *("-X", f"pycache_prefix={layout.place(output, OUTPUT)}"),
                *("-m", "compileall", "-q", "-r", str(DEEPEST), "-x", compiling.NOT_COMPILED),
                # Never checked against the source again: nobody can change it.
                *("--invalidation-mode", "unchecked-hash", *places),
            ),
            mounts=tuple(
                mount
                for path, place in zip(unit.paths, places, strict=True)
                for mount in layout.mount(self.tree / path, place)
            ),
            seconds=SECONDS,
            output=output,
        )

    def _place(self, path: str) -> str:
        return self.enclosed.layout.place(self.tree / path, f"{ENVIRONMENT}/{path}")

    def _moved(self, unit: Unit, output: Path, *, is_shared: bool) -> dict[str, File]:
        """Move the byte code from the sandbox's output to where Python looks for it."""
        sharing = Sharing(spare=output.parent / "spare", is_on=is_shared)
        root = output / self._place("").strip("/")
        made = {}
        for source in unit.sources:
            path = compiling.byte_code_of(source, self.version)
            found = root / Path(path).parent.parent / Path(path).name
            if found.is_file():
                # A package may bring a file or a folder of that name.
                with suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
                    (self.tree / path).parent.mkdir(exist_ok=True)
                    found.replace(self.tree / path)
                    made[path] = sharing(self.tree / path)
        return made
