"""Lines over time: every value in its place, every name beside its line, every number below."""

import itertools
import math
import re

import pytest
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from web.plots import (
    BOX,
    BUCKETS,
    HIGH,
    LETTERING,
    LOW,
    ROWS,
    DrawnPlot,
    Line,
    Plot,
    Values,
    draw,
    seconds_told,
)


def told(value: float) -> str:
    return f"{value:g} t"


def plot(*lines: Values, seconds: list[float] | None = None, **facts: object) -> Plot:
    """A plot of lines called `line 0` and so on, a second between two instants."""
    length = max((len(values) for values in lines), default=2)
    return Plot(
        name="Tasks",
        said="at most 9",
        seconds=seconds or list(range(length)),
        lines=[Line(name=f"line {n}", values=values) for n, values in enumerate(lines)],
        told=told,
        **facts,  # type: ignore[arg-type]
    )


def ticks(drawn: DrawnPlot) -> list[tuple[int, str]]:
    return [(int(tick.at), tick.text) for tick in drawn.up]


def test_a_line_goes_through_its_values() -> None:
    drawn = draw(plot([0, 5, 10]))
    assert drawn.lines[0].path == "M0 1000L500 500 1000 0"
    assert ticks(drawn) == [(HIGH, "0 t"), (HIGH // 2, "5 t"), (0, "10 t")]


def test_time_begins_at_zero_also_where_the_first_value_came_later() -> None:
    assert draw(plot([1, 1], seconds=[2.0, 4.0])).lines[0].path == "M500 0L1000 0"


@pytest.mark.parametrize(
    ("sentence", "values", "path"),
    [
        ("a gap is no line", [1, None, 1, 1], "M0 0h2M667 0L1000 0"),
        ("a single value is a dot", [1], "M0 0h2"),
        ("nothing known is nothing drawn", [None, None], ""),
        ("nothing at all lies at the bottom", [0, 0], "M0 1000L1000 1000"),
    ],
)
def test_what_is_not_known_is_not_drawn(sentence: str, values: Values, path: str) -> None:
    assert draw(plot(values)).lines[0].path == path


def test_of_many_points_no_peak_is_lost() -> None:
    values: list[float] = [1.0] * 5000
    values[2501], values[2503] = 0.0, 10.0
    path = draw(plot(values)).lines[0].path
    points = re.findall(r"(\d+) (\d+)", path)
    assert len(points) <= 2 * BUCKETS
    assert [point for point in points if point[1] != "900"] == [("500", "1000"), ("501", "0")]


@pytest.mark.parametrize(
    ("highest", "base", "said"),
    [
        (7, 10, ["0 t", "5 t", "10 t"]),
        (1, 10, ["0 t", "0.5 t", "1 t"]),
        (3.1, 10, ["0 t", "2 t", "4 t"]),
        (0, 10, ["0 t"]),
        (3 * 1024**2, 1024, ["0 t", f"{2 * 1024**2:g} t", f"{4 * 1024**2:g} t"]),
        (300 * 1024, 1024, ["0 t", f"{256 * 1024:g} t", f"{512 * 1024:g} t"]),
        (1.5, 1024, ["0 t", "1 t", "2 t"]),
    ],
)
def test_an_axis_has_round_values_of_its_unit(highest: float, base: int, said: list[str]) -> None:
    assert [text for _, text in ticks(draw(plot([0, highest], base=base)))] == said


def test_a_plot_that_only_accompanies_has_less_of_an_axis() -> None:
    assert ticks(draw(plot([0, 7], height=LOW))) == [(LOW, "0 t"), (0, "10 t")]


@pytest.mark.parametrize(("highest", "names"), [(3, ["line 0"]), (6, ["line 0", "limit"])])
def test_a_limit_is_shown_where_it_is_near(highest: float, names: list[str]) -> None:
    limit = Line(name="limit", values=[9, 9])
    drawn = draw(plot([0, highest], limit=limit))
    assert [line.name for line in drawn.lines] == names
    assert drawn.rows[0] == ["0 s", "0 t"]


def test_a_limit_that_was_crossed_lies_within_the_plot() -> None:
    drawn = draw(plot([0, 8], limit=Line(name="limit", values=[4, 4])))
    assert drawn.lines[1].path == "M0 600L1000 600"


def test_names_stand_at_the_ends_of_their_lines_and_never_on_each_other() -> None:
    drawn = draw(plot([10, 10], [10, 9], [0, 0], [5, 5], [0, None]))
    labels = [line.label for line in drawn.lines]
    assert labels[3] == HIGH // 2
    in_order = sorted(labels)
    assert all(b - a >= LETTERING for a, b in itertools.pairwise(in_order))
    assert (in_order[0], in_order[-1]) == (0, HIGH)


def test_of_a_short_run_every_number_is_told() -> None:
    drawn = draw(plot([1, None, 3]))
    assert drawn.rows == [["0 s", "1 t"], ["1 s", ""], ["2 s", "3 t"]]
    assert not drawn.is_short


def test_of_a_long_run_every_nth_number_the_last_and_the_highest_are_told() -> None:
    values = [0.0] * 1000
    values[501] = 7
    rows = draw(plot(values)).rows
    assert len(rows) <= ROWS + 2
    assert (rows[0][0], rows[-1][0]) == ("0 s", "16 min 39 s")
    assert ["8 min 21 s", "7 t"] in rows
    assert draw(plot(values)).is_short


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0.4, ["0 s", "0.4 s"]),
        (4.0, ["0 s", "2 s", "4 s"]),
        (100.0, ["0 s", "60 s", "1 min 40 s"]),
        (300.0, ["0 s", "3 min", "5 min"]),
        (7200.0, ["0 s", "1 h", "2 h"]),
        (10.0**6, ["0 s", "277 h 46 min"]),
    ],
)
def test_time_has_round_ticks_between_its_ends(length: float, said: list[str]) -> None:
    drawn = draw(plot([1, 1], seconds=[0.0, length]))
    assert [tick.text for tick in drawn.along] == [one.replace("60 s", "1 min") for one in said]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.44, "0.4 s"), (59.6, "1 min"), (125, "2 min 5 s"), (3780, "1 h 3 min")],
)
def test_times_are_as_exact_as_an_axis_wants_them(seconds: float, words: str) -> None:
    assert seconds_told(seconds) == words


numbers = st.none() | st.floats(min_value=0, max_value=2**53)


@given(
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=400),
    st.floats(min_value=1e-300, max_value=1e9),
    st.sampled_from([10, 1024]),
)
def test_whatever_the_numbers_the_plot_keeps_within_itself(
    rows: list[tuple[float | None, float | None]], step: float, base: int
) -> None:
    columns = list(zip(*rows, strict=True))
    seconds = [step * n for n in range(len(rows))]
    drawn = draw(plot(*columns, seconds=seconds, base=base))
    found = [int(n) for line in drawn.lines for n in re.findall(r"\d+", line.path)]
    assert all(0 <= number <= BOX for number in found)
    assert all(0 <= line.label <= HIGH for line in drawn.lines)
    assert all(math.isfinite(int(tick.at)) and int(tick.at) <= HIGH for tick in drawn.up)


def rendered(drawn: Plot, *, table: bool = True) -> str:
    source = "{% load plots %}{% plot drawn 3 table=table %}"
    text: str = engines["django"].from_string(source).render({"drawn": drawn, "table": table})
    return text


def test_it_is_told_to_who_cannot_see_it_and_written_below() -> None:
    page = rendered(plot([0, 7]))
    assert 'role="img" aria-labelledby="plot-3-name plot-3-said"' in page
    assert '<title id="plot-3-name">Tasks</title><desc id="plot-3-said">at most 9</desc>' in page
    assert '<th scope="col" class="n">line 0</th>' in page
    assert '<td class="nb">1 s</td><td class="n">7 t</td>' in page


def test_a_page_that_links_to_the_numbers_leaves_them_out() -> None:
    assert "<table" not in rendered(plot([0, 7]), table=False)


def test_a_name_is_text_and_nothing_is_styled_inline() -> None:
    page = rendered(plot([0, 7], limit=Line(name="<script>", values=[9, 9])))
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "style=" not in page
