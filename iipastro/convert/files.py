"""Input files by position: plain ones as they are, `.gz` unpacked into a file without a name."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tempfile
import threading
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from .source import ConvertError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP = b"\x1f\x8b"
MOST_UNPACKED = 1032  # bytes that deflate makes of one, at most (zlib's technical details)
PIECE = 1 << 20  # bytes unpacked at a time
MAX_BUFFERS = 1024  # of one preadv: IOV_MAX of Linux
KEPT_FREE = 64 << 20  # bytes left on the disk of temporary files


class InputFile(Protocol):
    """An open file, read by position.  Threads may read at the same time."""

    name: str

    @property
    def path(self) -> str:
        """By which another library can open the bytes; valid until `close`."""

    def require(self, end: int, name: str) -> None:
        """Raise ConvertError unless the file has `end` bytes, as HDU `name` needs."""

    def read(self, start: int, length: int) -> bytes:
        """Return bytes; fewer at the end of the file."""

    def read_into(self, buffers: Sequence[memoryview], start: int) -> None:
        """Fill buffers of bytes in turn.  Raises ConvertError where the file ends too early."""

    def close(self) -> None:
        """Let go of the file."""


def open_file(path: str, scratch: str) -> InputFile:
    """Open a file, FITS or FITS in gzip.  Raises ConvertError.

    Parameters
    ----------
    path : the file; a pipe or a device is refused.
    scratch : folder in which a gzip file is unpacked; empty for TMPDIR.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise ConvertError(f"{path}: {_reason(error)}") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConvertError(f"{path}: not a file")
        plain = PlainFile(path, descriptor)
        return UnpackedFile(plain, scratch) if plain.read(0, 2) == GZIP else plain
    except BaseException:
        os.close(descriptor)
        raise


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


class PlainFile:
    """A file whose bytes are those of FITS."""

    def __init__(self, name: str, descriptor: int):
        self.name = name
        self.path = name
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def require(self, end: int, name: str) -> None:
        """Raise ConvertError unless the file has `end` bytes, as HDU `name` needs."""
        if end > self.size:
            raise ConvertError(
                f"{name}: truncated: its header asks for {end} bytes of file, there are {self.size}"
            )

    def read(self, start: int, length: int) -> bytes:
        """Return bytes; fewer at the end of the file."""
        try:
            return os.pread(self._descriptor, length, start)
        except OSError as error:
            raise ConvertError(f"{self.name}: {_reason(error)}") from None

    def read_into(self, buffers: Sequence[memoryview], start: int) -> None:
        """Fill buffers of bytes in turn.  Raises ConvertError where the file ends too early."""
        for first in range(0, len(buffers), MAX_BUFFERS):
            some = list(buffers[first : first + MAX_BUFFERS])
            while some:
                start += (done := self._read_some(some, start))
                while some and done >= len(some[0]):
                    done -= len(some.pop(0))
                if some:
                    some[0] = some[0][done:]

    def _read_some(self, buffers: list[memoryview], start: int) -> int:
        try:
            done = os.preadv(self._descriptor, buffers, start)
        except OSError as error:
            raise ConvertError(f"{self.name}: {_reason(error)}") from None
        if done == 0:
            raise ConvertError(f"{self.name}: the file ends at byte {start}, in its pixels")
        return done

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


class UnpackedFile:
    """What a gzip file holds, unpacked as far as anyone asks, and once.

    The headers say how far to unpack, and what they ask for is checked
    against what so many bytes of gzip can hold and against the free disk:
    a small file cannot fill it.
    """

    def __init__(self, packed: PlainFile, scratch: str):
        self.name = packed.name
        self._packed = packed
        self._limit = packed.size * MOST_UNPACKED
        self._stream = gzip.GzipFile(fileobj=io.BufferedReader(_Reader(packed)))
        self._folder = scratch or tempfile.gettempdir()
        self._file = _nameless(self._folder, packed.name)
        self._plain = PlainFile(packed.name, self._file.fileno())
        self._end = 0  # bytes unpacked so far
        self._lock = threading.Lock()
        self.path = f"/proc/self/fd/{self._file.fileno()}"

    def require(self, end: int, name: str) -> None:
        """Raise ConvertError unless there are `end` bytes, as HDU `name` needs; unpack them."""
        if self._unpack(end, name) < end:
            raise ConvertError(
                f"{name}: truncated: its header asks for {end} bytes of file, there are {self._end}"
            )

    def read(self, start: int, length: int) -> bytes:
        """Return bytes; fewer at the end of the file."""
        self._unpack(start + length, self.name)
        return self._plain.read(start, length)

    def read_into(self, buffers: Sequence[memoryview], start: int) -> None:
        """Fill buffers of bytes in turn.  Raises ConvertError where the file ends too early."""
        self._unpack(start + sum(map(len, buffers)), self.name)
        self._plain.read_into(buffers, start)

    def _unpack(self, end: int, name: str) -> int:
        """Unpack up to `end`, or to the end of the file; return how many bytes there are."""
        with self._lock:
            if end > self._end:
                self._check(end, name)
            while self._end < end and (piece := self._next(min(PIECE, end - self._end))):
                try:
                    self._file.write(piece)
                except OSError as error:
                    raise ConvertError(
                        f"{self.name}: cannot unpack in {self._folder}: {_reason(error)}"
                    ) from None
                self._end += len(piece)
            return self._end

    def _check(self, end: int, name: str) -> None:
        if end > self._limit + PIECE:
            raise ConvertError(
                f"{name}: its header asks for {end} bytes: more than {self._packed.size}"
                " bytes of gzip can hold"
            )
        disk = os.statvfs(self._folder)
        if end - self._end > disk.f_bavail * disk.f_frsize - KEPT_FREE and end > PIECE:
            raise ConvertError(f"{name}: no room to unpack {end} bytes in {self._folder}")

    def _next(self, length: int) -> bytes:
        try:
            return self._stream.read(length)
        except (OSError, EOFError, zlib.error) as error:
            raise ConvertError(f"{self.name}: damaged gzip: {error}") from None

    def close(self) -> None:
        """Let go of both files."""
        self._file.close()
        self._stream.close()
        self._packed.close()


def _nameless(folder: str, name: str) -> io.RawIOBase:
    try:
        return tempfile.TemporaryFile(dir=folder, buffering=0)
    except OSError as error:
        raise ConvertError(f"{name}: cannot unpack in {folder}: {_reason(error)}") from None


class _Reader(io.RawIOBase):
    """What gzip reads: the packed bytes from the first on."""

    def __init__(self, packed: PlainFile):
        self._packed = packed
        self._position = 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer as far as the file goes; return how far."""
        view = memoryview(buffer).cast("B")
        data = self._packed.read(self._position, len(view))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)
