"""The metadata block is found as PEP 723 says, in time that grows with the text and no faster."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reproducers.engine.errors import MetadataError
from reproducers.engine.pep723 import find_block

# The reference implementation of PEP 723, which takes quadratic time on hostile text.
REFERENCE = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")

LINES = st.lists(
    st.sampled_from(
        ["# /// script", "# /// other", "# ///", "#", "# a = 1", "#b", "import dask", "", "# /// "]
    ),
    max_size=12,
)


def reference(text: str) -> list[str]:
    found = [match for match in REFERENCE.finditer(text) if match["type"] == "script"]
    return [
        "".join(
            line[2:] if line.startswith("# ") else line[1:]
            for line in match["content"].splitlines(keepends=True)
        )
        for match in found
    ]


@given(LINES)
@example(["# /// script", "# ///"])
@example(["# /// script", "# a = 1", "# ///", "# a = 2", "# ///"])
@example(["# /// other", "# /// script", "# a = 1", "# ///"])
def test_it_agrees_with_the_reference_of_the_pep(lines: list[str]) -> None:
    text = "\n".join(lines)
    expected = reference(text)
    if len(expected) > 1:
        with pytest.raises(MetadataError, match="more than one"):
            find_block(text)
    else:
        assert find_block(text) == (expected[0] if expected else None)


def test_a_block_stands_anywhere_and_loses_its_comment_signs() -> None:
    text = "import dask\n# /// script\n# dependencies = []\n#\n#   # indented\n# ///\nprint()\n"
    assert find_block(text) == "dependencies = []\n\n  # indented\n"


def test_a_script_without_a_block_has_none() -> None:
    assert find_block("import dask\n") is None


def test_two_blocks_are_one_too_many() -> None:
    with pytest.raises(MetadataError, match="more than one"):
        find_block("# /// script\n# a = 1\n# ///\n\n" * 2)


def test_hostile_text_costs_no_more_than_reading_it() -> None:
    started = time.process_time()
    assert find_block("# /// a\n" * 130_000) is None
    assert time.process_time() - started < 5
