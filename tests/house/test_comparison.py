"""The convention of our measurements."""

import pytest

from benchmarks.comparison import Side, Target, in_turns, median, ratio, report, table

SECONDS = {"ours": [1.0, 3.0, 2.0], "theirs": [4.0, 4.0, 4.0]}


def test_sides_take_turns_from_both_ends() -> None:
    order = []

    def side(name: str) -> Side:
        def measure() -> float:
            order.append(name)
            return 1.0

        return Side(name, measure)

    assert in_turns([side("a"), side("b")], rounds=3) == {"a": [1.0] * 3, "b": [1.0] * 3}
    assert "".join(order) == "abbaab"


def test_the_table_has_a_row_a_side() -> None:
    assert table(SECONDS).splitlines()[1:] == [
        "ours       3    2.00 s    1.00 s    3.00 s",
        "theirs     3    4.00 s    4.00 s    4.00 s",
    ]


def test_a_target_is_told_in_one_line() -> None:
    assert Target("wait", median("ours"), 2, " s").line(SECONDS) == "wait: 2 s, 2 s, met"
    assert Target("ours / theirs", ratio("ours", to="theirs"), 0.4).line(SECONDS) == (
        "ours / theirs: 0.5, 0.4, missed"
    )


@pytest.mark.parametrize(("goal", "check", "status"), [(2, True, 0), (1, False, 0), (1, True, 1)])
def test_only_a_check_fails_for_a_missed_target(
    goal: float, check: bool, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(SECONDS, [Target("wait", median("ours"), goal)], check=check) == status
    assert capsys.readouterr().out.splitlines()[-1].startswith("wait: 2, ")
