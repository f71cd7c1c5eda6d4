"""Everything the engine can refuse, split by who must act, each with its remedy.

A trial that ran, or an environment that cannot be had, is no error but a verdict (`verdicts.py`).
"""

from typing import ClassVar


class EngineError(Exception):
    """Base of the engine's errors.

    `code` is the stable name listed in docs/errors.md, `exit_status` what `repro` ends with,
    `retryable` whether the same call may succeed later without anybody changing anything.
    """

    code: ClassVar[str] = "engine"
    exit_status: ClassVar[int] = 2
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class ScriptError(EngineError):
    """The script or its metadata cannot be used: its author must act."""

    code = "script"


class MetadataError(ScriptError):
    """The `# /// script` block is not what PEP 723 or `[tool.repro]` allows."""

    code = "metadata"


class UsageError(EngineError):
    """The caller asked for something that does not exist, such as an unknown release."""

    code = "usage"


class UnknownRelease(UsageError):
    """The index has no such release of Dask."""

    code = "unknown-release"


class MissingPython(UsageError):
    """No interpreter of the wanted version is on this machine; none is ever downloaded unasked."""

    code = "missing-python"


class EnvironmentServiceError(EngineError):
    """The index or the disk failed, so nothing can be said about the script."""

    code = "environment-service"
    exit_status = 3
    retryable = True


class IsolationError(EngineError):
    """The wanted sandbox cannot be had on this machine."""

    code = "no-sandbox"
    exit_status = 4


class MissingGpu(IsolationError):
    """This machine has not got the GPUs that are asked for, or a sandbox could not use them."""

    code = "missing-gpu"


class ServerError(EngineError):
    """The Headwater server refused or did not answer (`repro submit`, `status`, `login`)."""

    code = "server"
    exit_status = 5
    retryable = True


class Interrupted(EngineError):
    """Ctrl-C, or a request to end; nothing of the run is left."""

    code = "interrupted"
    exit_status = 130
    retryable = True


class InternalError(EngineError):
    """A mistake of Headwater's own."""

    code = "internal"
    exit_status = 70
