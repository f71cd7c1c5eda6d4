"""From uv's answers to a lock, and what a Python that was too new then gets."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from reproducers.engine.environments import resolution
from reproducers.engine.environments.environment import EnvironmentRefused
from reproducers.engine.environments.request import Request
from reproducers.engine.environments.resolution import Lock, keep, kept, resolve
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.engine.interpreters import Interpreter
from reproducers.engine.verdicts import Verdict
from tests.engine.indexes import Index

LOCKED = """\
dask==2022.12.1 \\
    --hash=sha256:0ad
msgpack==1.0.5 ; python_version == "3.11" \\
    --hash=sha256:0ae
"""


def unsatisfiable(*without_wheel: str) -> tuple[int, str, str]:
    hints = "".join(f"\nhint: Wheels are required for `{name}` because\n" for name in without_wheel)
    return 1, "", f"error: No solution found when resolving\n  cause: Because of that.\n{hints}"


class Uv:
    """Answers one after the other, and remembers what days it was asked for."""

    def __init__(self, *answers: tuple[int, str, str]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, date]] = []

    def __call__(self, later: Mapping[str, date]) -> tuple[int, str, str]:
        self.asked.append(dict(later))
        return self.answers.pop(0)


def request(*, overrides: tuple[str, ...] = ()) -> Request:
    python = Interpreter(
        executable=Path("/python3.11"), version="3.11.7", prefix=Path("/"), stdlib=Path("/lib")
    )
    return Request(
        interpreter=python,
        requirements=("dask==2022.12.1",),
        constraints=(),
        overrides=overrides,
        as_of=date(2022, 12, 23),
        index_url="https://index.example/simple",
    )


def test_what_uv_answers_is_the_lock(home: Path) -> None:
    lock = resolve(request(), Uv((0, LOCKED, "")))
    assert lock == Lock(text=LOCKED, packages={"dask": "2022.12.1", "msgpack": "1.0.5"})


def test_a_lock_is_named_by_its_versions_alone() -> None:
    one = Lock(text="one", packages={"dask": "1", "distributed": "2"})
    same = Lock(text="two", packages={"distributed": "2", "dask": "1"}, notes=("so",))
    other = Lock(text="one", packages={"dask": "1", "distributed": "3"})
    assert one.digest == same.digest != other.digest


def test_a_package_without_any_wheel_then_is_taken_from_the_day_of_its_first(
    own_index: Index,
) -> None:
    for version, uploaded, tag in [
        ("1.0.4", "2022-06-01T00:00:00Z", "cp310-cp310-manylinux_2_5_x86_64"),
        ("1.0.5rc1", "2023-01-18T00:00:00Z", "cp311-cp311-manylinux_2_5_x86_64"),
        ("1.0.5", "2023-03-08T10:00:00Z", "cp311-cp311-manylinux_2_5_x86_64"),
        ("1.0.6", "2023-09-01T00:00:00Z", "cp311-cp311-manylinux_2_5_x86_64"),
    ]:
        own_index.add("msgpack", version, uploaded=uploaded, tag=tag)
    own_index.add("msgpack", "1.0.3", uploaded="2022-01-01T00:00:00Z", yanked=True)
    own_index.add("msgpack", "0.1", uploaded="2012-01-01T00:00:00Z", requires_python="<3")
    uv = Uv(unsatisfiable("msgpack", "dask"), (0, LOCKED, ""))
    assert resolve(request(), uv).notes == (
        "msgpack is as of 2023-03-08: until then it had no wheel for Python 3.11.",
    )
    assert uv.asked == [{}, {"msgpack": date(2023, 3, 8)}]


def test_what_is_taken_from_another_day_but_not_installed_is_not_mentioned(
    own_index: Index,
) -> None:
    own_index.add("lz4", "4.3", uploaded="2023-01-02T00:00:00Z")
    assert resolve(request(), Uv(unsatisfiable("lz4"), (0, LOCKED, ""))).notes == ()


def test_a_package_that_had_a_wheel_in_time_conflicts_for_another_reason(own_index: Index) -> None:
    own_index.add("msgpack", "1.0.4", uploaded="2022-12-23T20:00:00Z")
    with pytest.raises(EnvironmentRefused, match="Because of that") as caught:
        resolve(request(), Uv(unsatisfiable("msgpack", "never-there")))
    assert caught.value.verdict == Verdict.UNSATISFIABLE


def test_it_does_not_go_on_for_ever(own_index: Index) -> None:
    names = [f"package{number}" for number in range(resolution.ROUNDS)]
    for name in names:
        own_index.add(name, "1.0", uploaded="2023-01-02T00:00:00Z")
    with pytest.raises(EnvironmentRefused):
        resolve(request(), Uv(*(unsatisfiable(name) for name in names)))


def test_a_dependency_that_was_replaced_is_mentioned(home: Path) -> None:
    lock = resolve(request(overrides=("tornado==6.2",)), Uv((0, LOCKED, "")))
    assert lock.notes == (
        "tornado==6.2 is taken: what Dask asks for has no wheel for Python 3.11.",
    )


def test_a_package_that_patches_dask_is_mentioned(home: Path) -> None:
    locked = LOCKED + "rapids-dask-dependency==24.2.0 \\\n    --hash=sha256:0af\n"
    assert resolve(request(), Uv((0, locked, ""))).notes == (
        "rapids-dask-dependency is installed: it patches Dask whenever Python starts.",
    )


@pytest.mark.parametrize(
    "complaint",
    [
        "error: Request failed after 3 retries\n  cause: Failed to fetch: `https://x/`",
        "error: No solution found\n hint: An index URL (https://x) could not be queried",
        "",
    ],
)
def test_an_index_that_could_not_be_asked_is_no_verdict(home: Path, complaint: str) -> None:
    with pytest.raises(EnvironmentServiceError, match="The index could not be asked") as caught:
        resolve(request(), Uv((2, "", complaint)))
    assert caught.value.retryable


def test_the_same_request_needs_no_second_resolution(home: Path) -> None:
    assert kept(request()) is None
    lock = Lock(text=LOCKED, packages={"dask": "2022.12.1"}, notes=("so",))
    keep(request(), lock)
    assert kept(request()) == lock
    assert kept(request(overrides=("tornado==6.2",))) is None
