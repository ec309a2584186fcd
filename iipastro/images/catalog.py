"""The open images of a worker."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from typing import NamedTuple

from ..errors import NotFound
from . import open_source
from .fits import FitsOptions, FitsSource
from .kept import KeptSource, Store
from .sandbox import Sight, is_unchanged, open_inside, sight_of
from .selection import WHOLE_FILE, Selection, split_selection
from .sequence import FIRST, Sequence, find_sequence
from .source import Identity, ImageSource, memory_of
from .tiff import TiffSource

SETTLING = 2 * 10**9  # ns, coarser than any clock of files: FAT counts in two seconds
MOST_MEMORY = 36 << 20  # bytes that open images may take: 10,000 of one tile, 2700 of 4k x 4k
OF_FITS = 36 << 10  # as if each took so much: a FITS file has its levels, and their descriptor
FITS_DESCRIPTORS = 2  # at most: its own, and that of its levels

_Key = tuple[Identity, Selection, bool]  # whether the file was settled


class Opened(NamedTuple):
    """An open image, what it is of its file, and the angles of others of its sequence.

    A file is settled when its last change is so long ago that another one would
    give it another time.  Before that what is read of it may change, and its
    identity does not tell: nothing of it may be kept.
    """

    source: ImageSource
    horizontal: tuple[int, ...] = (FIRST[0],)
    vertical: tuple[int, ...] = (FIRST[1],)
    selection: Selection = WHOLE_FILE
    settled: bool = True


class _Known(NamedTuple):
    """What a name was."""

    key: _Key
    sight: Sight | None  # None: only a walk can tell whether it still is


class Catalog:
    """Opens images by name and keeps the last ones open.  For one thread, one request at a time.

    Every `open` looks at the file anew, so that one that is replaced,
    rewritten or deleted is noticed at the next request.  It walks the name
    through the sandbox, unless the file lies where the last walk found it, no
    link is on the way, and nothing of it has changed: that costs 2 µs instead
    of 9.  An image is closed when its name has become that of another file,
    or when `open_images` others, or as many as the memory for them or the
    descriptors of the process allow, have been used since:
    do not keep one beyond its request.  As long as it is open its inode
    number cannot come back for another file.

    Parameters
    ----------
    root : the directory that holds the images.
    suffix : added to the names of files, not to those of sequences.
    follow_symlinks : whether links that stay inside the root count.
    pattern : what stands between the stem of a sequence and its angles.
    open_images : how many are kept open; at least 1.
    descriptors : how many they may take together; one image is open in any case.
    fits : how FITS files are served.
    tiles : where unpacked tiles are kept; None: nowhere.
    """

    def __init__(  # noqa: PLR0913  a setting each
        self,
        root: str,
        *,
        suffix: str = "",
        follow_symlinks: bool = True,
        pattern: str = "_pyr_",
        open_images: int = 10_000,
        descriptors: int = 1 << 20,
        fits: FitsOptions | None = None,
        tiles: Store | None = None,
    ):
        self._root = root
        self._suffix = suffix
        self._follow = follow_symlinks
        self._pattern = pattern
        self._limit = max(1, min(open_images, descriptors))
        self._most = descriptors
        self._fits = fits or FitsOptions()
        self._tiles = tiles
        self._open: OrderedDict[_Key, ImageSource] = OrderedDict()  # least recently used first
        self._memory = 0  # bytes that those take
        self._descriptors = 0  # that those take, at most
        self._last: OrderedDict[str, _Known] = OrderedDict()  # what each name was

    def open(self, name: str, angles: tuple[int, int] = FIRST) -> Opened:
        """Return the image `name`, or the member at `angles` of the sequence of that name.

        Brackets at the end of a name that is no file's choose an image of a
        FITS file.  Raises Refused.  A plain file has no angles: `angles` says
        nothing there.
        """
        source = self._unchanged(name)
        if source is not None:
            return Opened(source)
        try:
            descriptor, selection = self._descriptor(name)
        except NotFound:
            sequence = find_sequence(self._root, name, self._pattern, self._follow)
            if sequence is None:
                raise
            return self._open_member(sequence, angles)
        found = selection == WHOLE_FILE  # or there may be a file of the whole name the next time
        sight = name + self._suffix if found else None
        source, settled = self._source(name, descriptor, selection, sight)
        return Opened(source, selection=selection, settled=settled)

    def _unchanged(self, name: str) -> ImageSource | None:
        """Return the open image of a name that is still the same file, if a look can tell."""
        known = self._last.get(name)
        if known is None or known.sight is None or not is_unchanged(known.sight):
            return None
        source = self._open.get(known.key)
        if source is not None:
            self._last.move_to_end(name)
            self._open.move_to_end(known.key)
        return source

    def close(self) -> None:
        """Close all images."""
        while self._open:
            self._close(next(iter(self._open)))
        self._fits.cache.close()

    def _descriptor(self, name: str) -> tuple[int, Selection]:
        """Open a file, and return what is chosen of it; raises NotFound."""
        try:
            return open_inside(self._root, name + self._suffix, self._follow), WHOLE_FILE
        except NotFound:
            split = split_selection(name)
            if split is None:
                raise
            return open_inside(self._root, split[0] + self._suffix, self._follow), split[1]

    def _open_member(self, sequence: Sequence, angles: tuple[int, int]) -> Opened:
        name = sequence.member(angles)
        descriptor = open_inside(self._root, name, self._follow)
        source, settled = self._source(name, descriptor)
        return Opened(source, sequence.horizontal, sequence.vertical, settled=settled)

    def _source(
        self,
        name: str,
        descriptor: int,
        selection: Selection = WHOLE_FILE,
        path: str | None = None,
    ) -> tuple[ImageSource, bool]:
        """Return the source of an open file, whose descriptor is taken over; whether it is settled.

        `path` is where it was found, if a look there tells whether it is the same.
        """
        status = os.fstat(descriptor)
        identity = Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        settled = abs(time.time_ns() - status.st_mtime_ns) >= SETTLING
        key = identity, selection, settled
        sight = sight_of(self._root, path, status) if path is not None and settled else None
        self._forget_older(name, _Known(key, sight))
        source = self._open.get(key)
        if source is not None:
            os.close(descriptor)
            self._open.move_to_end(key)
            return source, settled
        source = open_source(descriptor, selection, self._fits)
        if self._tiles is not None and settled and isinstance(source, TiffSource):
            source = KeptSource(source, self._tiles)
        self._open[key] = source
        self._count(source, 1)
        while len(self._open) > 1 and self._too_many():
            self._close(next(iter(self._open)))
        return source, settled

    def _too_many(self) -> bool:
        return (
            len(self._open) > self._limit
            or self._memory > MOST_MEMORY
            or self._descriptors > self._most
        )

    def _count(self, source: ImageSource, sign: int) -> None:
        """Add what an open image takes, or take it away."""
        fits = isinstance(source, FitsSource)
        self._memory += sign * (memory_of(source.info) + (OF_FITS if fits else 0))
        self._descriptors += sign * (FITS_DESCRIPTORS if fits else 1)

    def _close(self, key: _Key) -> None:
        source = self._open.pop(key)
        self._count(source, -1)
        source.close()

    def _forget_older(self, name: str, now: _Known) -> None:
        """Close what `name` was before: a file that is replaced or deleted keeps its disk space."""
        before = self._last.pop(name, now)
        self._last[name] = now
        if before.key != now.key and before.key in self._open:
            self._close(before.key)
        while len(self._last) > self._limit:
            self._last.popitem(last=False)
