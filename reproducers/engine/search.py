"""Searching hostile text for a stranger's expression: in a process that can be stopped."""

import json
import subprocess
import sys
from collections.abc import Iterable
from typing import Final

SECONDS: Final = 3.0
TEXT_CHARACTERS: Final = 2 * 1024**2

# Runs in the child. An expression that backtracks without end is stopped from outside; one that
# eats memory hits the limit, which looks the same.
_SEARCHER: Final = """
import json, re, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
expression, texts = json.load(sys.stdin)
found = any(re.search(expression, text, re.MULTILINE) for text in texts)
sys.stdout.write("found" if found else "none")
"""


class SearchTookTooLong(Exception):
    """Whether the expression is there cannot be told in time and memory."""


def is_found(expression: str, texts: Iterable[str], *, seconds: float = SECONDS) -> bool:
    """Whether any of the texts holds the expression (`^` and `$` match at lines).

    Of very long texts the end is searched. Raises SearchTookTooLong.
    """
    question = json.dumps([expression, [text[-TEXT_CHARACTERS:] for text in texts]])
    try:
        child = subprocess.run(  # noqa: S603 -- our own interpreter and text, no shell
            [sys.executable, "-I", "-S", "-c", _SEARCHER],
            input=question.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SearchTookTooLong from error
    if child.stdout not in {b"found", b"none"}:
        raise SearchTookTooLong
    return child.stdout == b"found"
