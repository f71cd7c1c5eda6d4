"""Where things are printed: results on standard output, everything else on standard error."""

import sys
from typing import Final

from rich.console import Console

_KEPT: Final = "\n\t"


def results() -> Console:
    """Plain where standard output is no terminal; never wrapped, so that lines can be copied."""
    return Console(file=sys.stdout, soft_wrap=True, highlight=False)


def errors() -> Console:
    return Console(file=sys.stderr, soft_wrap=True, highlight=False)


def harmless(text: str) -> str:
    """Text of a stranger's without what would move a terminal's cursor or change its colours."""
    return "".join(sign if sign.isprintable() or sign in _KEPT else "\ufffd" for sign in text)
