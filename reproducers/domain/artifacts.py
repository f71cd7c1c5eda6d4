"""Which files of a trial are kept: few, small, and of kinds that are read as text or not at all."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final

from reproducers.models import Artifact, Trial

COUNT: Final = 100
BYTES: Final = 4 * 1024**2
TOTAL_BYTES: Final = 16 * 1024**2
_NAME: Final = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.(txt|log|json|jsonl)|(try-\d{1,3}-)?performance-report\.html"
)
"""Text, and the one page that is only ever handed out as a download."""


def acceptable(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of `files` that may be kept, in the order of their names."""
    kept: dict[str, bytes] = {}
    left = TOTAL_BYTES
    for name, content in sorted(files.items()):
        if len(kept) < COUNT and _NAME.fullmatch(name) and len(content) <= min(BYTES, left):
            kept[name] = content
            left -= len(content)
    return kept


def keep_artifacts(*, trial: Trial, files: Mapping[str, bytes]) -> Iterable[Artifact]:
    """Store what is acceptable of what a trial left."""
    return Artifact.objects.bulk_create(
        Artifact(
            trial=trial,
            name=name,
            content=content,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        for name, content in acceptable(files).items()
    )


def contents_of(*, trial_id: int, names: Iterable[str]) -> dict[str, bytes]:
    """Of a trial's files those with these names, each with its content."""
    rows = Artifact.objects.filter(trial=trial_id, name__in=list(names))
    return {name: bytes(content) for name, content in rows.values_list("name", "content")}
