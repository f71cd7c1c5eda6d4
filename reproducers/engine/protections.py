"""What stands between a script and the host, each by its name.

`RunPolicy.without` switches single ones off, so that the hostile suite can show that each of them
is what stops its scripts. Nothing else does: there is no flag for it, and a Job that comes from
elsewhere with one switched off is refused.
"""

from enum import StrEnum


class Protection(StrEnum):
    """One property of a sandbox, with everything that makes it so. docs/threats.md has the table.

    Where two mechanisms guard one property, such as `--disable-userns` and the filter of system
    calls, they are switched off together: each alone would do.
    """

    # The filter of system calls
    KERNEL_CALLS = "kernel-calls"
    TRACING = "tracing"
    WATCHING = "watching"
    NAMESPACES = "namespaces"
    SOCKETS = "sockets"
    TERMINALS = "terminals"
    PRIVILEGED_FILES = "privileged-files"
    FOREIGN_CODE = "foreign-code"

    # Who it is and what it sees
    CAPABILITIES = "capabilities"
    SLOT_USER = "slot-user"
    NETWORK = "network"
    OWN_PROCESSES = "own-processes"
    OWN_IPC = "own-ipc"
    HOST_NAME = "host-name"
    CGROUP_NAMES = "cgroup-names"
    HOST_FILES = "host-files"
    KERNEL_FILES = "kernel-files"
    READ_ONLY = "read-only"
    ENVIRONMENT = "environment"
    DESCRIPTORS = "descriptors"

    # How its end is told, and what comes out
    FIRST_PROCESS = "first-process"
    END_WITH_HOST = "end-with-host"
    OUTPUT_LINKS = "output-links"
    OUTPUT_NAMES = "output-names"

    # What it may use
    MEMORY = "memory"
    PROCESSES = "processes"
    CPU = "cpu"
    PRIORITY = "priority"
    FILE_SIZE = "file-size"
    OPEN_FILES = "open-files"
    CORE_DUMPS = "core-dumps"
    TEMPORARY_SIZE = "temporary-size"
    OUTPUT_SIZE = "output-size"
    PRINTED_SIZE = "printed-size"
    WALL_CLOCK = "wall-clock"
