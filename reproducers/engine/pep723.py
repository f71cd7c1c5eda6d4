"""Finds the metadata block of a script, by the grammar of PEP 723."""

import re
from typing import Final

from reproducers.engine.errors import MetadataError

_OPENING: Final = re.compile(r"# /// ([a-zA-Z0-9-]+)")


def find_block(text: str) -> str | None:
    """The TOML of the `script` block, by the grammar of PEP 723; raises MetadataError for two.

    The PEP gives a regular expression, which takes quadratic time on hostile text; this reads
    line by line and agrees with it (a property test compares the two).
    """
    blocks = [content for kind, content in _blocks(text.split("\n")) if kind == "script"]
    if len(blocks) > 1:
        raise MetadataError(
            "The script has more than one `# /// script` block.", remedy="Keep one of them."
        )
    return blocks[0] if blocks else None


def _blocks(lines: list[str]) -> list[tuple[str, str]]:
    found, position = [], 0
    while position < len(lines):
        opening = _OPENING.fullmatch(lines[position])
        if opening is None:
            position += 1
            continue
        end = position + 1
        while end < len(lines) and _is_comment(lines[end]):
            end += 1
        # The last closing line of a run of comments closes it, and one line at least lies between.
        closing = end - 1
        while closing > position + 1 and lines[closing] != "# ///":
            closing -= 1
        if closing > position + 1:
            content = (line[2:] for line in lines[position + 1 : closing])
            found.append((opening[1], "".join(f"{line}\n" for line in content)))
            end = closing + 1
        position = end
    return found


def _is_comment(line: str) -> bool:
    return line == "#" or line.startswith("# ")
