"""What the server imports is installed where it runs: without the groups of a checkout."""

import ast
import sys
from importlib.metadata import packages_distributions, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config import places

SERVED = ("config", "contracts", "reproducers", "support", "web")
DONE_WITHOUT = {"pynvml"}  # of the extra `gpu`; tried, and done without where it is missing
STANDALONE = places.CHECKOUT / "reproducers" / "engine" / "inside"


def imported_modules() -> set[str]:
    """The top names of everything imported in the server's code, but for our own."""
    files = [path for folder in SERVED for path in (places.CHECKOUT / folder).rglob("*.py")]
    found: set[str] = set()
    for path in files:
        if STANDALONE in path.parents:
            continue  # imports what the environment of a trial has
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found - set(SERVED) - DONE_WITHOUT - sys.stdlib_module_names


def installed_for_the_server() -> set[str]:
    """`headwater[server]` with everything that it needs in turn."""
    found: set[str] = set()
    waiting = [("headwater", frozenset({"server"}))]
    while waiting:
        name, extras = waiting.pop()
        found.add(canonicalize_name(name))
        for line in requires(name) or ():
            needed = Requirement(line)
            applies = needed.marker is None or any(
                needed.marker.evaluate({"extra": extra}) for extra in (extras or {""})
            )
            if applies and canonicalize_name(needed.name) not in found:
                waiting.append((needed.name, frozenset(needed.extras)))
    return found


def test_everything_that_the_server_imports_is_among_its_dependencies() -> None:
    known = packages_distributions()
    there = installed_for_the_server()
    missing = {
        module
        for module in imported_modules()
        if not any(canonicalize_name(name) in there for name in known.get(module, ()))
    }
    assert missing == set()
