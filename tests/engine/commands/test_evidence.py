"""Of a traceback through Dask, what tells: the script's own lines and the place of the problem."""

from reproducers.engine.commands.evidence import EXCEPTIONS, FRAMES, OUTPUT_LINES, evidence
from reproducers.engine.commands.layout import Row
from reproducers.engine.report import ExceptionFacts, Report
from reproducers.engine.verdicts import Verdict

PACKAGES = "/env/lib/python3.11/site-packages"
TRACEBACK = f"""\
Traceback (most recent call last):
  File "{PACKAGES}/dask/array/core.py", line 310, in concatenate
    raise IndexError("no axis")
IndexError: no axis

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/work/bug.py", line 12, in <module>
    print(total.compute())
          ^^^^^^^^^^^^^^^
  File "{PACKAGES}/dask/base.py", line 379, in compute
    (result,) = compute(self, traverse=False, **kwargs)
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "{PACKAGES}/distributed/client.py", line 2234, in gather
    return self.sync(
  File "/usr/lib/python3.11/runpy.py", line 88, in _run_code
    exec(code, run_globals)
  File "{PACKAGES}/dask/array/reductions.py", line 99, in reduction
    return concatenate(parts)
ValueError: All divisions must be known
"""


def shown(rows: list[Row]) -> list[str]:
    return [f"{row.label:<12}{row.text}" for row in rows]


def of_traceback(text: str) -> list[str]:
    facts = ExceptionFacts(type="E", message="", traceback=text)
    return shown(evidence(Report(verdict=Verdict.REPRODUCED, reason="", exception=facts)))


def of_output(text: str, stacks: str = "") -> list[str]:
    return shown(evidence(Report(verdict=Verdict.CLEAN, reason="", output=text), stacks=stacks))


def test_plumbing_is_counted_and_what_tells_is_shown() -> None:
    assert of_traceback(TRACEBACK) == [
        "traceback   dask/array/core.py:310 in concatenate",
        '                raise IndexError("no axis")',
        "            IndexError: no axis",
        "            bug.py:12 in <module>",
        "                print(total.compute())",
        "            (3 frames of plumbing)",
        "            dask/array/reductions.py:99 in reduction",
        "                return concatenate(parts)",
        "            ValueError: All divisions must be known",
    ]


def test_a_single_frame_of_plumbing_is_one() -> None:
    text = f'  File "{PACKAGES}/dask/base.py", line 1, in compute\nKeyError\n'
    assert of_traceback(text) == ["traceback   (1 frame of plumbing)", "            KeyError"]


def test_of_a_deep_recursion_both_ends_are_shown() -> None:
    frames = "".join(f'  File "/work/bug.py", line {n}, in f\n    f()\n' for n in range(500))
    rows = of_traceback(f"{frames}RecursionError: too deep\n")
    places = [row.strip() for row in rows if "bug.py" in row]
    assert len(places) == FRAMES
    assert (places[0], places[-1]) == ("traceback   bug.py:0 in f", "bug.py:499 in f")


def test_of_a_long_chain_the_last_exceptions_are_shown() -> None:
    one = '  File "/work/bug.py", line {0}, in f\nError{0}: no\n\n'
    rows = of_traceback("".join(one.format(n) for n in range(9)))
    assert [row.strip() for row in rows if "Error" in row] == ["Error6: no", "Error7: no",
                                                               "Error8: no"]  # fmt: skip
    assert len(rows) == 2 * EXCEPTIONS


def test_a_syntax_error_has_a_place_as_well() -> None:
    text = '  File "/work/bug.py", line 3\n    def f(:\n          ^\nSyntaxError: invalid syntax\n'
    assert of_traceback(text) == [
        "traceback   bug.py:3 in <module>",
        "                def f(:",
        "            SyntaxError: invalid syntax",
    ]


def test_a_traceback_of_no_such_kind_gives_way_to_the_output() -> None:
    facts = ExceptionFacts(type="E", message="", traceback="no traceback at all")
    report = Report(verdict=Verdict.REPRODUCED, reason="", exception=facts, output="said this")
    assert shown(evidence(report)) == ["output      said this"]


def test_what_stood_still_is_shown_where_it_stood() -> None:
    stacks = f"""\
Thread 0x00007f (most recent call first):
  File "{PACKAGES}/distributed/comm/core.py", line 1 in read

Thread 0x00008f (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 324 in wait
  File "{PACKAGES}/distributed/client.py", line 2 in result
  File "/work/bug.py", line 9 in <module>
  File "/repro/reproducers/engine/inside/entry.py", line 51 in run
"""
    assert of_output("printed", stacks) == [
        "it stood in bug.py:9 in <module>",
        "            (2 frames of plumbing)",
    ]


def test_without_either_the_end_of_the_output_is_shown() -> None:
    rows = of_output("\n".join(f"line {number}" for number in range(50)))
    assert (len(rows), rows[0], rows[1], rows[-1]) == (
        OUTPUT_LINES + 1,
        "output      (38 lines before)",
        "            line 38",
        "            line 49",
    )


def test_nothing_printed_is_nothing_shown() -> None:
    assert of_output(" \n") == []
