"""Scripts that show a problem: read once, kept as they came."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from reproducers.engine.errors import ScriptError
from reproducers.engine.metadata import RunTable
from reproducers.engine.quantities import format_bytes
from reproducers.engine.script import FILES_BYTES, Script, read_script
from reproducers.engine.verdicts import Symptom
from reproducers.models import Reproducer

NAME_CHARACTERS: Final = 120


def record_reproducer(
    *, script: str | bytes, name: str, now: datetime, files: Mapping[str, bytes] | None = None
) -> Reproducer:
    """Read a script and keep it, with the data files that its metadata names out of `files`.

    Each call makes a new row, also for the same script: what one customer sent is never told to
    another. Raises ScriptError, with its remedy, for what cannot be run.
    """
    source = script.encode("utf-8", "replace") if isinstance(script, str) else script
    read = read_script(source, name=name[:NAME_CHARACTERS])
    return Reproducer.objects.create(
        name=read.name,
        script=read.text,
        sha256=hashlib.sha256(read.text.encode()).hexdigest(),
        has_metadata=read.has_block,
        requires_python=read.requires_python or "",
        requirements=list(read.dependencies),
        table=_table(read.table),
        files=_files(read.table.files, files or {}),
        notes=list(read.notes),
        created_at=now,
    )


def script_of(reproducer: Reproducer) -> Script:
    """The Script that was read when it was recorded."""
    facts: dict[str, Any] = dict(reproducer.table)
    symptom = facts.pop("symptom")
    names = tuple(facts.pop("files"))
    return Script(
        text=reproducer.script,
        name=reproducer.name,
        requires_python=reproducer.requires_python or None,
        dependencies=tuple(reproducer.requirements),
        table=RunTable(symptom=Symptom(symptom) if symptom else None, files=names, **facts),
        has_block=reproducer.has_metadata,
        notes=tuple(reproducer.notes),
    )


def _table(table: RunTable) -> dict[str, Any]:
    return asdict(table) | {"config": dict(table.config), "env": dict(table.env)}


def _files(names: tuple[str, ...], sent: Mapping[str, bytes]) -> dict[str, str]:
    missing = [name for name in names if name not in sent]
    if missing:
        raise ScriptError(
            f"The script reads {', '.join(missing)} beside it, which did not come with it.",
            remedy="Attach what `files` in [tool.repro] names, or make the data in the script.",
        )
    if sum(len(sent[name]) for name in names) > FILES_BYTES:
        raise ScriptError(
            f"The files beside the script are larger than {format_bytes(FILES_BYTES)} together.",
            remedy="Make the data in the script, or send less of it.",
        )
    return {name: base64.b64encode(sent[name]).decode("ascii") for name in names}
