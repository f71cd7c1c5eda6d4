"""Of what a dead sandbox left only a few files are read, and never what a link points at."""

import json
import os
from pathlib import Path

from reproducers.engine.outputs import (
    FILES,
    PERFORMANCE,
    artifacts,
    deaths,
    observer_lines,
    processes,
    read_output,
    series,
    shortened,
    states,
)


def test_files_are_read_by_name(tmp_path: Path) -> None:
    for name in ("exception.json", "observer-worker-7-7f.jsonl", "virus.exe", ".hidden", "a.json"):
        (tmp_path / name).write_bytes(name.encode())
    assert read_output(tmp_path) == {
        name: name.encode() for name in ("exception.json", "observer-worker-7-7f.jsonl")
    }


def test_every_name_is_taken_where_that_protection_is_switched_off(tmp_path: Path) -> None:
    (tmp_path / "virus.exe").write_bytes(b"x")
    assert read_output(tmp_path, any_name=True) == {"virus.exe": b"x"}


def test_what_is_no_plain_file_of_bearable_size_is_left(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "exception.json").symlink_to(tmp_path / "secret")
    (tmp_path / "stacks.txt").mkdir()
    os.mkfifo(tmp_path / "warnings.jsonl")
    (tmp_path / "started.json").write_bytes(b"x" * (2 * 1024**2 + 1))
    (tmp_path / "observer-a.jsonl").write_bytes(b"")
    assert read_output(tmp_path) == {}


def test_at_most_so_many_files_are_read(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"observer-{number}.jsonl").write_bytes(b"{}")
    assert len(read_output(tmp_path)) == FILES


def test_observers_lines_are_those_of_all_observers() -> None:
    files = {"observer-a.jsonl": b"1\n2\n", "observer-b.jsonl": b"3", "exception.json": b"4"}
    assert sorted(observer_lines(files)) == [b"1", b"2", b"3"]


def test_what_is_empty_or_only_ours_is_not_kept() -> None:
    files = {"started.json": b"{}", "exception.json": b"{}"}
    assert artifacts(files, stdout=b"", stderr=b"err", prefix="try-1-") == {
        "try-1-stderr.txt": b"err",
        "try-1-exception.json": b"{}",
    }


def test_a_page_from_inside_can_send_nothing_anywhere_when_it_is_opened() -> None:
    (kept,) = artifacts({PERFORMANCE: b"<html></html>"}, stdout=b"", stderr=b"").values()
    policy, _, page = kept.partition(b"\n")
    assert page == b"<html></html>"
    assert policy.startswith(b'<!doctype html><meta http-equiv="Content-Security-Policy"')
    assert b"default-src 'none'" in policy


def test_of_a_long_stream_beginning_and_end_are_kept() -> None:
    long = b"a" * 5_000_000 + b"b" * 5_000_000
    short = shortened(long)
    assert len(short) <= 4 * 1024**2
    assert (short[:1], short[-1:]) == (b"a", b"b")
    assert b"bytes left out" in short
    assert shortened(b"x" * 100) == b"x" * 100


def test_files_of_observers_are_told_apart_by_their_names(tmp_path: Path) -> None:
    names = (
        "deaths-6.jsonl",
        "process-6.json",
        "stacks-6.txt",
        "state-worker-6-7f.json",
        "state-/etc.json",
    )
    files = dict.fromkeys(names, b"1\n2")
    assert (deaths(files), processes(files), states(files)) == ([b"1", b"2"], [b"1\n2"], [b"1\n2"])
    for name in names[:-1]:
        (tmp_path / name).write_bytes(b"x")
    assert set(read_output(tmp_path)) == set(names[:-1])


def test_what_explains_most_is_read_before_lines_are(tmp_path: Path) -> None:
    for number in range(FILES):
        (tmp_path / f"observer-{number}.jsonl").write_bytes(b"{}")
    for name in ("exception.json", "deaths-1.jsonl", "process-1.json"):
        (tmp_path / name).write_bytes(b"{}")
    assert list(read_output(tmp_path))[:3] == ["exception.json", "deaths-1.jsonl", "process-1.json"]


def test_a_run_with_a_cluster_has_curves_and_one_without_has_none() -> None:
    line = b'{"role": "scheduler", "at": 5.0}'
    (content,) = series({"observer-a.jsonl": line}, began_at=3.0).values()
    assert json.loads(content)["seconds"] == [2.0]
    assert series({}, began_at=3.0) == {}
