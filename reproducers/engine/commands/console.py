"""Where things are printed: results on standard output, everything else on standard error."""

import sys
from typing import Final

from rich.console import Console

from reproducers.engine.sparklines import ASCII

_KEPT: Final = "\n\t"
_PLAINER: Final = ASCII | str.maketrans(
    {"\u25a0": "#", "\u25cb": "o", "\u00d7": "x", "\u00b7": "-", "\u2026": "~", "\ufffd": "?"}
    | {"\u2713": "+", "\u2717": "x"}
)


def results() -> Console:
    """Plain where standard output is no terminal; never wrapped, so that lines can be copied."""
    return Console(file=sys.stdout, soft_wrap=True, highlight=False)


def errors() -> Console:
    return Console(file=sys.stderr, soft_wrap=True, highlight=False)


def harmless(text: str) -> str:
    """Text of a stranger's without what would move a terminal's cursor or change its colours."""
    return "".join(sign if sign.isprintable() or sign in _KEPT else "\ufffd" for sign in text)


def sayable(text: str, encoding: str) -> str:
    """The text in signs that `encoding` has: shapes as plainer ones, others as `?`."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAINER).encode(encoding, "replace").decode(encoding)
    return text
