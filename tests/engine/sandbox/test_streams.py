"""However much is printed, little of it is held: its beginning, its end, and a count."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.sandbox.streams import CHUNK_BYTES, FLOOD_FACTOR, Stream


def read(printed: bytes, cap: int) -> Stream:
    """A Stream that has read `printed`, which has to fit into a pipe."""
    read_end, write_end = os.pipe()
    os.write(write_end, printed)
    os.close(write_end)
    stream = Stream(read_end, cap)
    while stream.read():
        pass
    os.close(read_end)
    return stream


def test_what_fits_is_kept_whole() -> None:
    stream = read(b"0123456789", 10)
    assert (stream.kept, stream.dropped, stream.is_flooded) == (b"0123456789", 0, False)


def test_of_more_the_middle_is_left_out_and_counted() -> None:
    stream = read(b"0123456789abcdef", 10)
    assert stream.kept == b"01234\n[... 6 bytes are left out here ...]\nbcdef"
    assert stream.dropped == 6


def test_an_odd_cap_gives_the_beginning_the_odd_byte() -> None:
    assert read(b"abcdef", 3).kept == b"ab\n[... 3 bytes are left out here ...]\nf"


def test_sixty_four_times_as_much_is_a_flood() -> None:
    assert not read(bytes(100 * FLOOD_FACTOR), 100).is_flooded
    assert read(bytes(100 * FLOOD_FACTOR + 1), 100).is_flooded


def test_a_long_flood_is_never_held() -> None:
    read_end, write_end = os.pipe()
    stream = Stream(read_end, 1000)
    for _ in range(64):
        os.write(write_end, bytes(CHUNK_BYTES))
        stream.read()
    held = len(stream._head) + len(stream._tail)
    os.close(write_end)
    os.close(read_end)
    assert stream.seen == 64 * CHUNK_BYTES
    assert held <= 1000 + 17 * CHUNK_BYTES


@given(printed=st.binary(max_size=200), cap=st.integers(min_value=2, max_value=100))
@pytest.mark.filterwarnings("default")
def test_head_and_tail_and_what_was_dropped_make_up_what_was_printed(
    printed: bytes, cap: int
) -> None:
    stream = read(printed, cap)
    if stream.dropped:
        seam = f"\n[... {stream.dropped} bytes are left out here ...]\n".encode()
        head, tail = stream.kept[: (cap + 1) // 2], stream.kept[-(cap // 2) :]
        assert stream.kept == head + seam + tail
        assert printed.startswith(head)
        assert printed.endswith(tail)
        assert len(head) + stream.dropped + len(tail) == len(printed)
    else:
        assert stream.kept == printed
