import base64

import pytest

from reproducers.domain.reproducers import record_reproducer, script_of
from reproducers.engine.errors import MetadataError, ScriptError
from reproducers.engine.script import FILES_BYTES, read_script
from reproducers.models import Reproducer
from tests.factories import NOW

pytestmark = pytest.mark.django_db

RICH = b"""\
# /// script
# requires-python = ">=3.11"
# dependencies = ["dask[complete]", "pandas<3"]
# [tool.repro]
# symptom = "exception"
# match = "KeyError"
# memory = "1GiB"
# reported = "2025.5.1"
# files = ["rows.csv"]
# config = { "distributed.scheduler.work-stealing" = false }
# env = { OMP_NUM_THREADS = "1" }
# ///
import dask.dataframe
"""


def test_what_the_metadata_says_is_kept_and_read_back() -> None:
    reproducer = record_reproducer(
        script=RICH, name="bug.py", files={"rows.csv": b"a,b\n", "other.csv": b""}, now=NOW
    )

    kept = Reproducer.objects.get(pk=reproducer.pk)
    assert (kept.name, kept.has_metadata, kept.requires_python) == ("bug.py", True, ">=3.11")
    assert kept.files == {"rows.csv": base64.b64encode(b"a,b\n").decode()}
    assert kept.created_at == NOW
    assert script_of(kept) == read_script(RICH, name="bug.py")


def test_a_script_without_metadata_runs_with_what_it_imports_and_says_so() -> None:
    reproducer = record_reproducer(script="import dask.array\n", name="script.py", now=NOW)

    assert (reproducer.has_metadata, reproducer.requires_python) == (False, "")
    assert "dask[complete]" in reproducer.requirements
    assert [note for note in reproducer.notes if "names no dependencies" in note] != []
    assert script_of(reproducer).table.symptom is None


def test_the_same_script_from_two_customers_is_two_rows() -> None:
    first = record_reproducer(script="import dask\n", name="a.py", now=NOW)
    second = record_reproducer(script="import dask\n", name="a.py", now=NOW)

    assert first.pk != second.pk
    assert first.sha256 == second.sha256


def test_a_script_that_reads_a_file_which_did_not_come_is_refused() -> None:
    with pytest.raises(ScriptError, match=r"rows\.csv") as refusal:
        record_reproducer(script=RICH, name="bug.py", now=NOW)

    assert "Attach" in refusal.value.remedy
    assert not Reproducer.objects.exists()


def test_files_that_are_too_large_together_are_refused() -> None:
    with pytest.raises(ScriptError, match="larger than 8 MiB"):
        record_reproducer(
            script=RICH, name="bug.py", files={"rows.csv": b"x" * (FILES_BYTES + 1)}, now=NOW
        )


UNUSABLE = {
    "no Python": (b"def broken(:\n", ScriptError),
    "5 MB": (b"#" * 5_000_000, ScriptError),
    "no TOML": (b"# /// script\n# dependencies = [\n# ///\n", MetadataError),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_run_is_refused_with_a_remedy(case: str) -> None:
    script, error = UNUSABLE[case]

    with pytest.raises(error) as refusal:
        record_reproducer(script=script, name="a.py", now=NOW)

    assert refusal.value.remedy != ""


def test_pasted_text_that_is_no_unicode_is_kept_as_far_as_it_can_be() -> None:
    reproducer = record_reproducer(script="# \udc80\nimport dask\n", name="a.py", now=NOW)

    assert reproducer.script == "# ?\nimport dask\n"


def test_a_reproducer_is_never_changed_not_even_past_the_domain() -> None:
    reproducer = record_reproducer(script="import dask\n", name="a.py", now=NOW)

    with pytest.raises(Exception, match="nothing changes it"):
        Reproducer.objects.filter(pk=reproducer.pk).update(script="import os\n")
