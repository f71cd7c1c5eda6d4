"""What the host tells the launcher: JSON in a file in memory."""

from typing import TypedDict


class Bind(TypedDict):
    """A host path to be shown at `stage`; `owned`: as if the sandbox's user owned it."""

    source: str
    stage: str
    writable: bool
    owned: bool


class SizedFolder(TypedDict):
    """A new folder in memory, owned by the sandbox's user, bounded in bytes and files."""

    stage: str
    bytes: int
    files: int


class Collection(TypedDict):
    """What is copied out of the folder at `stage` into `folder` after the end."""

    stage: str
    folder: str
    bytes: int
    files: int


class LaunchPlan(TypedDict):
    """One start.

    `uid` is the user to become (None: stay), `stage` where a private tree is mounted (None: none),
    `join` the files of the cgroups that the process writes itself into, `limits` the rlimits by
    name, `keep` the descriptors that the program gets, `stdin` its input (None: nothing),
    `stdout` and `stderr` its output.
    """

    argv: list[str]
    environment: dict[str, str]
    working_directory: str
    uid: int | None
    stage: str | None
    binds: list[Bind]
    folders: list[SizedFolder]
    join: list[str]
    limits: dict[str, int]
    keep: list[int]
    stdin: int | None
    stdout: int
    stderr: int
    no_new_privileges: bool
    collection: Collection | None
