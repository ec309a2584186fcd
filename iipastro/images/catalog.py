"""The open images of a worker."""

from __future__ import annotations

import os
from collections import OrderedDict
from typing import NamedTuple

from ..errors import NotFound
from . import open_source
from .fits import FitsOptions
from .kept import KeptSource, Store
from .sandbox import open_inside
from .selection import WHOLE_FILE, Selection, split_selection
from .sequence import FIRST, Sequence, find_sequence
from .source import Identity, ImageSource
from .tiff import TiffSource

_Key = tuple[Identity, Selection]


class Opened(NamedTuple):
    """An open image, what it is of its file, and the angles of others of its sequence."""

    source: ImageSource
    horizontal: tuple[int, ...] = (FIRST[0],)
    vertical: tuple[int, ...] = (FIRST[1],)
    selection: Selection = WHOLE_FILE


class Catalog:
    """Opens images by name and keeps the last ones open.  For one thread, one request at a time.

    Every `open` walks the name through the sandbox anew and compares the
    identity of what it finds, so that a file that is replaced, rewritten or
    deleted is noticed at the next request; only the reading of directories is
    saved.  An image is closed when its name has become that of another file,
    or when `open_images` others have been used since:
    do not keep one beyond its request.  As long as it is open its inode
    number cannot come back for another file.

    Parameters
    ----------
    root : the directory that holds the images.
    suffix : added to the names of files, not to those of sequences.
    follow_symlinks : whether links that stay inside the root count.
    pattern : what stands between the stem of a sequence and its angles.
    open_images : how many are kept open, each with a descriptor; at least 1.
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
        open_images: int = 256,
        fits: FitsOptions | None = None,
        tiles: Store | None = None,
    ):
        self._root = root
        self._suffix = suffix
        self._follow = follow_symlinks
        self._pattern = pattern
        self._limit = max(1, open_images)
        self._fits = fits or FitsOptions()
        self._tiles = tiles
        self._open: OrderedDict[_Key, ImageSource] = OrderedDict()  # least recently used first
        self._last: OrderedDict[str, _Key] = OrderedDict()  # what each name was

    def open(self, name: str, angles: tuple[int, int] = FIRST) -> Opened:
        """Return the image `name`, or the member at `angles` of the sequence of that name.

        Brackets at the end of a name that is no file's choose an image of a
        FITS file.  Raises Refused.  A plain file has no angles: `angles` says
        nothing there.
        """
        try:
            descriptor, selection = self._descriptor(name)
        except NotFound:
            sequence = find_sequence(self._root, name, self._pattern, self._follow)
            if sequence is None:
                raise
            return self._open_member(sequence, angles)
        return Opened(self._source(name, descriptor, selection), selection=selection)

    def close(self) -> None:
        """Close all images."""
        while self._open:
            self._open.popitem()[1].close()
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
        return Opened(self._source(name, descriptor), sequence.horizontal, sequence.vertical)

    def _source(self, name: str, descriptor: int, selection: Selection = WHOLE_FILE) -> ImageSource:
        """Return the source of an open file, whose descriptor is taken over."""
        status = os.fstat(descriptor)
        identity = Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        key = identity, selection
        self._forget_older(name, key)
        source = self._open.get(key)
        if source is not None:
            os.close(descriptor)
            self._open.move_to_end(key)
            return source
        source = open_source(descriptor, selection, self._fits)
        if self._tiles is not None and isinstance(source, TiffSource):
            source = KeptSource(source, self._tiles)
        self._open[source.info.identity, selection] = source
        while len(self._open) > self._limit:
            self._open.popitem(last=False)[1].close()
        return source

    def _forget_older(self, name: str, key: _Key) -> None:
        """Close what `name` was before: a file that is replaced or deleted keeps its disk space."""
        before = self._last.pop(name, key)
        self._last[name] = key
        if before != key and before in self._open:
            self._open.pop(before).close()
        while len(self._last) > self._limit:
            self._last.popitem(last=False)
