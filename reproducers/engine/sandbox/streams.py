"""What a process prints: its beginning and its end are kept, the middle is counted."""

import os
from typing import Final

CHUNK_BYTES: Final = 1 << 16
FLOOD_FACTOR: Final = 64


class Stream:
    """The read end of a pipe. However much is printed, at most `cap` bytes of it are held."""

    def __init__(self, descriptor: int, cap: int) -> None:
        self.descriptor = descriptor
        self.seen = 0
        self._cap = cap
        self._head = bytearray()
        self._tail = bytearray()

    def read(self) -> bool:
        """Take what is there; False at the end."""
        chunk = os.read(self.descriptor, CHUNK_BYTES)
        self.seen += len(chunk)
        free = (self._cap + 1) // 2 - len(self._head)
        self._head += chunk[:free]
        self._tail += chunk[free:]
        if len(self._tail) > self._cap // 2 + 16 * CHUNK_BYTES:
            self._shorten()
        return bool(chunk)

    @property
    def is_flooded(self) -> bool:
        """Whether more was printed than anybody would read, so that it only burns time."""
        return self.seen > FLOOD_FACTOR * self._cap

    @property
    def dropped(self) -> int:
        """Bytes that are missing in the middle of `kept`."""
        self._shorten()
        return self.seen - len(self._head) - len(self._tail)

    @property
    def kept(self) -> bytes:
        """Head and tail, with a line between them that says how much is missing."""
        if not self.dropped:
            return bytes(self._head + self._tail)
        seam = f"\n[... {self.dropped} bytes are left out here ...]\n".encode()
        return bytes(self._head + seam + self._tail)

    def _shorten(self) -> None:
        surplus = len(self._tail) - self._cap // 2
        del self._tail[: max(surplus, 0)]
