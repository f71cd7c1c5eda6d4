"""Of a cluster that was up before its script came, only what was seen afterwards counts."""

from reproducers.engine.outputs import observed_since

BEFORE, AFTER = b'{"at": 10.0, "states": {}}\n', b'{"at": 20.0, "states": {}}\n'


def test_lines_from_before_are_left_out() -> None:
    files = {
        "observer-worker-1-a.jsonl": BEFORE + b"nonsense\n[]\n" + AFTER,
        "stacks.txt": BEFORE,
    }
    assert observed_since(15.0, files) == {
        "observer-worker-1-a.jsonl": AFTER,
        "stacks.txt": BEFORE,
    }
