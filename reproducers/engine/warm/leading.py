"""What a script does first: the imports above everything else, and whether it wants a cluster.

Read from its text as tokens, which is bounded: the text is a stranger's, and it is not parsed here.
Whoever is mistaken loses time and nothing else: what is waiting is looked at again inside.
"""

import io
import re
import sys
import tokenize
from collections.abc import Iterator
from typing import Final

CHARACTERS: Final = 32 * 1024
MODULES: Final = 16

# What takes long to import and does nothing else. An import of anything else ends the beginning,
# since it may see what has been imported before it.
_SLOW: Final = frozenset({"dask", "dask_expr", "distributed", "numpy", "pandas", "pyarrow"})
_PARTS_OF_DASK: Final = frozenset({"array", "bag", "dataframe", "distributed"})
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")
_TEXT: Final = re.compile(r"[rRuU]?['\"]")
_BARE_CLIENT: Final = re.compile(r"\bClient\(\s*\)")
_OWN_CLUSTER: Final = re.compile(r"\.(cluster|shutdown)\b")
_SETTINGS: Final = re.compile(r"config|environ|sys\.modules")
_LAYOUT: Final = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.INDENT, tokenize.DEDENT}
)


def wants_cluster(script: str) -> bool:
    """Whether it calls `Client()` and leaves the cluster behind it alone, as far as words tell."""
    return bool(_BARE_CLIENT.search(script)) and not _OWN_CLUSTER.search(script)


def modules(script: str) -> tuple[str, ...]:
    """The slow modules that the script imports before it does anything else, in its order."""
    found: list[str] = []
    for statement in _statements(script[:CHARACTERS]):
        imported = _imported(statement)
        if imported is None or not all(map(_is_known, imported)):
            break
        found.extend(name for name in imported if _root(name) in _SLOW)
    if _imports_distributed_later(found, script):
        found.append("distributed")
    return tuple(dict.fromkeys(found))[:MODULES]


def _imports_distributed_later(found: list[str], script: str) -> bool:
    """Whether Dask would import distributed at the first `compute()`, with nothing set before."""
    is_there = "dask.distributed" in found or "distributed" in map(_root, found)
    return "dask" in map(_root, found) and not is_there and not _SETTINGS.search(script)


def _statements(text: str) -> Iterator[list[str]]:
    """Its simple statements from the top, as words, until one cannot be read."""
    words: list[str] = []
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    try:
        for token in tokens:
            if token.type == tokenize.NEWLINE or token.string == ";":
                yield words
                words = []
            elif token.type not in _LAYOUT:
                words.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        return


def _imported(words: list[str]) -> list[str] | None:
    """The modules that a statement imports, none for a docstring; None where it does more."""
    if len(words) == 1 and _TEXT.match(words[0]):
        return []
    if words[:1] == ["import"]:
        return _named(words[1:])
    if words[:1] == ["from"] and "import" in words:
        place = words.index("import")
        module = "".join(words[1:place])
        names = _named([word for word in words[place + 1 :] if word not in {"(", ")"}])
        inner = names if module == "dask" else []
        return [module, *(f"dask.{name}" for name in inner if name in _PARTS_OF_DASK)]
    return None


def _named(words: list[str]) -> list[str]:
    """Of `a.b as c, d` the names `a.b` and `d`."""
    parts = " ".join(words).split(",")
    return [part.partition(" as ")[0].replace(" ", "") for part in parts if part.strip()]


def _is_known(name: str) -> bool:
    if _NAME.fullmatch(name) is None:
        return False
    return _root(name) in _SLOW or _root(name) in sys.stdlib_module_names


def _root(name: str) -> str:
    return name.partition(".")[0]
