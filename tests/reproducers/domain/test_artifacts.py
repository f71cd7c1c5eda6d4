import pytest

from reproducers.domain.artifacts import BYTES, COUNT, TOTAL_BYTES, acceptable

SMALL = b"{}"

NAMES = {
    "output.txt": True,
    "observer.jsonl": True,
    "cluster-state.json": True,
    "worker_1.log": True,
    "page.html": False,
    "performance-report.html": True,
    "try-12-performance-report.html": True,
    "my-performance-report.html": False,
    "performance-report.htm": False,
    "plot.svg": False,
    "state.pickle": False,
    "../up.txt": False,
    "folder/file.txt": False,
    ".hidden.txt": False,
    "a b.txt": False,
    "a.txt\n": False,
    "txt": False,
    "x" * 100 + ".txt": True,
    "x" * 101 + ".txt": False,
}


@pytest.mark.parametrize("name", NAMES)
def test_only_files_that_are_read_as_text_or_are_the_one_page_to_download_are_kept(
    name: str,
) -> None:
    assert (acceptable({name: SMALL}) != {}) is NAMES[name]


def test_files_are_kept_up_to_a_size_each_and_a_size_together() -> None:
    files = {f"{number}.txt": b"x" * BYTES for number in range(TOTAL_BYTES // BYTES)}
    too_much = {"5.txt": b"x", "6.txt": b"x" * (BYTES + 1)}

    assert acceptable(files | too_much) == files


def test_files_are_kept_up_to_a_count() -> None:
    files = {f"{number:03}.txt": SMALL for number in range(COUNT + 1)}

    assert list(acceptable(files)) == sorted(files)[:COUNT]
