"""Real releases of Dask, from the real index, with the packages of their time."""

import pytest

from reproducers.engine import interpreters
from reproducers.engine.environments import EnvironmentRefused, obtain
from reproducers.engine.environments.environment import Environment
from reproducers.engine.events import Event
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.sandbox.launch import run
from reproducers.engine.sandbox.policy import SandboxSpec
from reproducers.engine.verdicts import Verdict
from tests.engine.builds import build, built

pytestmark = [pytest.mark.index, pytest.mark.sandbox]

CLUSTER = """
import dask, distributed, dask.array
if __name__ == "__main__":
    with distributed.LocalCluster(n_workers=1, dashboard_address=None) as cluster:
        with distributed.Client(cluster):
            print(dask.__version__, int(dask.array.ones(10, chunks=5).sum().compute()))
"""
OLDEST = EnvironmentSpec(requirements=("dask[complete]",), dask="2022.12.1", python="3.11")


def printed(environment: Environment, code: str) -> str:
    """What a script prints in the environment."""
    outcome = run(
        SandboxSpec(
            argv=(environment.python, "-c", code),
            mounts=environment.mounts,
            environment={**environment.variables, "HOME": "/tmp"},
        ),
        lambda seconds: True,
    )
    assert outcome.exit_status == 0, outcome.stderr.decode()
    return outcome.stdout.decode()


def test_the_oldest_release_has_a_cluster_on_python_3_11_with_the_packages_of_its_time() -> None:
    with built(OLDEST) as environment:
        assert printed(environment, CLUSTER) == "2022.12.1 10\n"
    facts = environment.facts
    assert (facts.dask, facts.distributed, facts.as_of) == ("2022.12.1", "2022.12.1", "2022-12-23")
    assert facts.packages["pandas"] == "1.5.2"
    assert environment.notes == (
        "markupsafe is as of 2023-01-17: until then it had no wheel for Python 3.11.",
        "msgpack is as of 2023-03-08: until then it had no wheel for Python 3.11.",
    )


def test_an_older_one_has_a_cluster_on_python_3_10() -> None:
    if "3.10" not in interpreters.available():
        pytest.skip("Python 3.10 is not on this machine")
    older = EnvironmentSpec(requirements=("dask[complete]",), dask="2022.11.0", python="3.10")
    with built(older) as environment:
        assert printed(environment, CLUSTER) == "2022.11.0 10\n"
    assert environment.facts.packages["tornado"] == "6.2"


def test_the_newest_release_is_what_is_taken_without_a_word() -> None:
    with built(EnvironmentSpec(requirements=("dask[complete]",))) as environment:
        assert printed(environment, CLUSTER) == f"{environment.facts.dask} 10\n"
    assert environment.facts.distributed == environment.facts.dask


def test_dask_expr_is_that_of_the_week_even_when_the_rest_is_of_today() -> None:
    spec = EnvironmentSpec(
        requirements=("dask[dataframe]",), dask="2024.4.2", python="3.11", floating=True
    )
    with built(spec) as environment:
        assert environment.facts.packages["dask-expr"] == "1.0.13"


def test_a_request_that_was_built_once_is_answered_at_once() -> None:
    build(OLDEST)
    told: list[Event] = []
    obtain(OLDEST, emit=told.append, cancelled=lambda: False).close()
    assert [event.note for event in told] == ["ready"]


def test_a_conflict_is_told_in_words() -> None:
    requirements = ("dask[dataframe]", "pandas<1")
    with pytest.raises(EnvironmentRefused, match=r"depends on pandas>=") as caught:
        built(EnvironmentSpec(requirements=requirements, dask="2024.4.2", python="3.11"))
    assert caught.value.verdict == Verdict.UNSATISFIABLE
