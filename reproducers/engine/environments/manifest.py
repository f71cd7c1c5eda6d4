"""What an environment consists of, file by file, as it was built."""

import gzip
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine.environments.content import File, describe

NAME: Final = "manifest.json.gz"


class StrangeFile(Exception):
    """Something that no wheel and no uv puts into an environment: a special file, a strange link.

    The message names it.
    """


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Regular files and symbolic links by their path below the tree, `/` between the parts."""

    files: Mapping[str, File]
    links: Mapping[str, str]

    def write(self, folder: Path) -> None:
        """Keep it in `folder`, beside the tree."""
        facts = {
            "files": {
                path: [file.digest, file.bytes, file.executable]
                for path, file in self.files.items()
            },
            "links": dict(self.links),
        }
        packed = gzip.compress(json.dumps(facts).encode(), compresslevel=1, mtime=0)
        (folder / NAME).write_bytes(packed)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How a tree differs from its manifest: paths, sorted. False where it does not."""

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.missing)


def read(folder: Path) -> Manifest | None:
    """The manifest that was kept in `folder`, None where there is none or it cannot be read."""
    try:
        facts = json.loads(gzip.decompress((folder / NAME).read_bytes()))
        files = {
            path: File(digest=digest, bytes=size, executable=executable)
            for path, (digest, size, executable) in facts["files"].items()
        }
    except (OSError, EOFError, ValueError, KeyError):
        return None
    return Manifest(files=files, links=facts["links"])


def take(tree: Path, describing: Callable[[Path], File] = describe) -> Manifest:
    """Look at everything below `tree`, following no link.

    Raises StrangeFile for what is neither a file, a folder nor a link.
    """
    files, links = {}, {}
    for entry, path in walk(tree):
        if entry.is_symlink():
            links[path] = str(Path(entry.path).readlink())
        elif entry.is_file(follow_symlinks=False):
            files[path] = describing(Path(entry.path))
        else:
            raise StrangeFile(path)
    return Manifest(files=files, links=links)


def walk(tree: Path) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Everything below `tree` but its folders, with its path from there."""
    waiting = [(str(tree), "")]
    while waiting:
        folder, prefix = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                path = f"{prefix}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{path}/"))
                else:
                    yield entry, path


def difference(then: Manifest, now: Manifest) -> Difference:
    """What is not as it was."""
    before = {**then.files, **then.links}
    after = {**now.files, **now.links}
    both = before.keys() & after.keys()
    return Difference(
        changed=tuple(sorted(path for path in both if before[path] != after[path])),
        added=tuple(sorted(after.keys() - before.keys())),
        missing=tuple(sorted(before.keys() - after.keys())),
    )
