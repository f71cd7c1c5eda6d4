"""YAML of a stranger's: plain values only, no anchors, and bounds before anything is built."""

from typing import Any, Final

from reproducers.engine.errors import UsageError

CHARACTERS: Final = 256 * 1024
EVENTS: Final = 20_000
DEPTH: Final = 10
REMEDY: Final = "Send the file as conda wrote it: `conda env export`."


def read_yaml(text: str) -> Any:
    """The values of a small document; raises UsageError for everything unusual.

    An alias could make a short text into a huge value, a tag into an object; neither is in an
    export of conda's.
    """
    import yaml  # noqa: PLC0415 -- 20 ms, and only for this format

    if len(text) > CHARACTERS:
        raise UsageError(f"The file has more than {CHARACTERS} characters.", remedy=REMEDY)
    try:
        _check(yaml.parse(text, Loader=yaml.SafeLoader), yaml)
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0][:200]
        raise UsageError(f"The file is no YAML: {reason}.", remedy=REMEDY) from error


def _check(events: Any, yaml: Any) -> None:
    depth = 0
    for count, event in enumerate(events):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        has_name = getattr(event, "anchor", None) or getattr(event, "tag", None)
        if has_name or count > EVENTS or depth > DEPTH:
            raise UsageError(
                "The file has anchors, tags, or too many or too deeply nested values.",
                remedy=REMEDY,
            )
