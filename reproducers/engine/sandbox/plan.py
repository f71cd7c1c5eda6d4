"""What the host tells the launcher: JSON in a file in memory."""

from typing import NotRequired, TypedDict


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
    follows_links: NotRequired[bool]  # in the hostile suite alone


class Guest(TypedDict):
    """What gVisor finds on the stage.

    `users` are pairs: a user in its namespace, and who that is outside; the first is root there,
    and who gVisor runs as. None: whoever starts it makes a namespace of their own. `root` is a new
    folder in memory for what becomes `/`, `state` one for gVisor's own notes; `links` and `files`
    say by their place on the stage what they lead to and hold. Without `has_network` gVisor itself
    has none either. `read_only` are binds that are made so, whatever gVisor does. `told` are files
    in which gVisor says why it failed. `namespace` is the launcher's own: a descriptor of the
    namespace of these users.
    """

    users: list[list[int]] | None
    root: str
    state: str
    links: dict[str, str]
    files: dict[str, str]
    has_network: bool
    read_only: list[str]
    told: list[str]
    namespace: int | None


class LaunchPlan(TypedDict):
    """One start.

    `uid` is the user to become (None: stay), `stage` where a private tree is mounted (None: none),
    `join` the files of the cgroups that the process writes itself into, `limits` the rlimits by
    name, `keep` the descriptors that the program gets, `stdin` its input (None: nothing),
    `stdout` and `stderr` its output, `guest` what gVisor needs (None: for others).
    Whether it `closes` all other descriptors, `yields` to the host when time or memory is short,
    and `ends_with_host`: always, but for the hostile suite.
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
    closes: bool
    yields: bool
    ends_with_host: bool
    no_new_privileges: bool
    guest: Guest | None
    collection: Collection | None
