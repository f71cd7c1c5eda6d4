"""What a process prints: its beginning and its end are kept, the middle is counted."""

import os
from typing import Final

CHUNK_BYTES: Final = 1 << 16
FLOOD_FACTOR: Final = 64


class Stream:
    """The read end of a pipe. However much is printed, at most `cap` bytes are held."""

    def __init__(self, descriptor: int, cap: int) -> None:
        self.descriptor = descriptor
        self.cap = cap
        self.seen = 0
        self._head = bytearray()
        self._tail = bytearray()

    def read(self) -> bool:
        """Take what is there; False at the end."""
        chunk = os.read(self.descriptor, CHUNK_BYTES)
        self.seen += len(chunk)
        free = (self.cap + 1) // 2 - len(self._head)
        self._head += chunk[:free]
        self._tail += chunk[free:]
        if len(self._tail) > self.cap // 2 + CHUNK_BYTES:
            self._shorten()
        return bool(chunk)

    @property
    def is_flooded(self) -> bool:
        """Whether more was printed than anybody would read, so that it only burns time."""
        return self.seen > FLOOD_FACTOR * self.cap

    @property
    def kept(self) -> bytes:
        self._shorten()
        return bytes(self._head + self._tail)

    @property
    def dropped(self) -> int:
        """Bytes that are missing in the middle of `kept`."""
        return self.seen - len(self.kept)

    def _shorten(self) -> None:
        surplus = len(self._tail) - self.cap // 2
        del self._tail[: max(surplus, 0)]
