"""A name for what a run showed, the same for the same problem in every release: `fp1`.

Class, exception type, the three innermost telling frames of libraries, and the message with what
varies taken out. Frames of the script are in the second key only, which stays with its customer.
A change of any rule here, in `frames.py` too, is a new version.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from reproducers.engine.frames import telling_places
from reproducers.engine.symptoms import Observation
from reproducers.engine.verdicts import Symptom

VERSION: Final = "fp1"
SCRIPT_VERSION: Final = "sc1"
FRAMES: Final = 3
SCRIPT_FRAMES: Final = 5
MESSAGE_CHARACTERS: Final = 200
READ_CHARACTERS: Final = 4000

# In this order: what is taken out first cannot be mangled by what comes after it.
_VARYING: Final = (
    (re.compile(r"\b[a-z][a-z0-9+]{1,9}://[^\s'\"<>)\]]+"), "<address>"),
    (re.compile(r"(?<![\w.])(?:/[\w.+@~-]+){2,}"), "<path>"),
    (re.compile(r"\b[A-Za-z]:\\[\w.\\+@~-]+"), "<path>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<id>"),
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<token>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b"), "<token>"),
    (re.compile(r"[A-Za-z_][\w.]*(?:-[A-Za-z_]\w*)*-<token>"), "<key>"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:[kKMGTP]i?B|B|bytes)\b"), "<size>"),
    (re.compile(r"\b\d+(?:\.\d+){3}(?::\d+)?\b"), "<address>"),
    (re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"), "<n>"),
    (re.compile(r"<n>(?:, ?<n>)+,?|<n>,(?=\))"), "<n>"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What the name is made of. `places` are `path:function`, innermost first."""

    symptom: Symptom
    type: str = ""
    places: tuple[str, ...] = ()
    message: str = ""

    @property
    def name(self) -> str:
        """`fp1:` and 24 hexadecimal digits: it tells nothing of what it is made of."""
        return _name(VERSION, self.symptom, self.type, *self.places, self.message)


def fingerprint(
    seen: Observation, symptom: Symptom, *, kind: str | None = None, named_by: str = ""
) -> Fingerprint:
    """The fingerprint of a run that showed `symptom`; `kind` is that of its hang or death.

    `named_by` is what else tells it from others: the place in a result, a measure, a warning.
    """
    if seen.exception is None or not seen.has_failed or seen.signal is not None:
        return Fingerprint(
            symptom=symptom,
            type=kind or "",
            places=telling_places(seen.main_stack, limit=FRAMES),
            message=normal_message(named_by),
        )
    last = seen.exception.last
    # What a KilledWorker says is the same for all of them, in other words in other releases.
    says = (kind or "") if symptom is Symptom.KILLED_WORKER else last.message
    return Fingerprint(
        symptom=symptom,
        type=last.type,
        places=telling_places(last.frames, limit=FRAMES),
        message=normal_message(says),
    )


def script_fingerprint(seen: Observation, public: Fingerprint) -> str:
    """The second key: the same problem at the same place of a script. It never goes upstream."""
    frames = seen.exception.last.frames if seen.exception else seen.main_stack
    own = [frame.function for frame in frames if frame.is_script][-SCRIPT_FRAMES:]
    return _name(SCRIPT_VERSION, public.name, *own)


def normal_message(message: str) -> str:
    """The message without addresses, paths, tokens, sizes and numbers, on one line."""
    text = message[:READ_CHARACTERS]
    for varying, placeholder in _VARYING:
        text = varying.sub(placeholder, text)
    return text.strip()[:MESSAGE_CHARACTERS]


def _name(version: str, *parts: str) -> str:
    text = "\x1f".join(parts)
    return f"{version}:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:24]}"
