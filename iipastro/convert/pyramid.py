"""A pyramidal TIFF from strips of its largest level, which pass once (spec 5.2, 5.3, 5.7).

Goal: as fast as the cores and the disk allow, in memory that does not grow
with the image.  Plan: a strip is a row of tiles.  Each strip is cut into tiles
and packed, some tiles at a time, by the threads of a pool; another task halves
it into the strip of the next level, which goes the same way when it is full.
What the tasks make is taken in the order in which they were given, so a file
depends on its pixels alone.  Warning: tasks wait in one line of limited
length; a task never waits for another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import BinaryIO, NamedTuple

import numpy as np

from .. import __version__
from ..geometry import Size, grid_of
from ..images.halving import halve
from . import bigtiff
from .bigtiff import ASCII, FLOAT, LONG, RATIONAL, SHORT, Form, Tag
from .encode import COMPRESSIONS, PREDICTORS, Encoded, Packing, Pixels, encode_tiles
from .levels import LEVELS
from .room import make_room
from .source import ConvertError, Floats

TILE = 256  # pixels
BATCH = 1 << 20  # bytes of float32 that are packed in one task
WAITING = 16  # tasks in the line, or fewer:
WAITING_BYTES = 32 << 20  # of what tasks in the line make
LINEAR_RAW, GREY, RGB = 34892, 1, 2  # of the tag PhotometricInterpretation

Cuts = tuple[float, float]  # the values shown as black and white


class Pyramid(NamedTuple):
    """What is written, apart from the pixels."""

    size: Size
    cuts: tuple[Cuts, ...]  # one per channel
    describe: Callable[[Size, int], bytes]  # size of a level, halvings → ImageDescription
    tile: int = TILE
    levels: str = "tile"  # of LEVELS: where they end
    packing: Packing = Packing()
    dtype: str = "float32"
    shown: Callable[[Floats], Pixels] | None = None  # float32 → `dtype`; None leaves the pixels
    bigtiff: bool | None = None  # None: as the size asks
    scratch: str = "."  # folder for the files of very wide strips


def write_pyramid(
    file: BinaryIO, pyramid: Pyramid, strips: Iterable[Floats], pool: Executor
) -> None:
    """Write a whole TIFF into an empty file.

    Parameters
    ----------
    file : open for writing, able to seek.
    pyramid : what is written.
    strips : float32, (tile, width, channels) each, from the top; the last may be lower.
        They are not written to, and must not change any more.
    pool : threads, which do the work.

    Raises
    ------
    ConvertError
        The pixels do not fit a TIFF that may not become a BigTIFF.
    OSError
        The file cannot be written.
    """
    form = _form(pyramid)
    bigtiff.write_head(file, form)
    writer = _Writer(file, pyramid, pool)
    try:
        writer.write(strips)
        tags = [_tags(pyramid, form, level) for level in writer.levels]
        bigtiff.write_directories(file, form, tags)
    except OverflowError as error:
        raise ConvertError(f"{error}: allow a BigTIFF") from error
    finally:
        writer.drop()


def _form(pyramid: Pyramid) -> Form:
    if pyramid.bigtiff is not None:
        return bigtiff.BIGTIFF if pyramid.bigtiff else bigtiff.CLASSIC
    pixel = len(pyramid.cuts) * np.dtype(pyramid.dtype).itemsize
    values = pyramid.size.width * pyramid.size.height
    side = Size(pyramid.tile, pyramid.tile)
    sizes = LEVELS[pyramid.levels](pyramid.size, pyramid.tile)
    tiles = sum(prod(grid_of(lvl, side)) for lvl in sizes) * prod(side)
    large = values * pixel >= bigtiff.BIG or tiles * pixel >= bigtiff.BIG_TILES
    return bigtiff.BIGTIFF if large else bigtiff.CLASSIC


@dataclass
class _Strip:
    """A row of tiles of a level that tasks fill from above."""

    pixels: Floats
    given: int = 0  # rows that a task was told to make
    made: int = 0  # and has made


@dataclass
class _Level:
    """A level while it grows."""

    size: Size
    halvings: int
    offsets: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    top: int = 0  # of the strip that is being filled, or of the next
    strip: _Strip | None = None  # the one that has room for more rows


class _Task(NamedTuple):
    """What a thread does, and where its result goes."""

    work: Callable[[], list[Encoded] | Floats]
    level: _Level
    filled: _Strip | None = None  # by halving
    rows: int = 0


class _Writer:
    """The line of tasks, and what becomes of their results."""

    def __init__(self, file: BinaryIO, pyramid: Pyramid, pool: Executor):
        self._file = file
        self._end = file.tell()
        self._pyramid = pyramid
        self._pool = pool
        self._line: deque[tuple[_Task, Future[list[Encoded] | Floats]]] = deque()
        self._full: deque[tuple[_Level, Floats]] = deque()  # strips with no task in line yet
        pixels = pyramid.tile**2 * len(pyramid.cuts)
        self._tiles = max(1, BATCH // (4 * pixels))  # that a task packs
        self._longest = max(2, min(WAITING, WAITING_BYTES // (4 * pixels * self._tiles)))
        sizes = LEVELS[pyramid.levels](pyramid.size, pyramid.tile)
        self.levels = [_Level(size, halvings) for halvings, size in enumerate(sizes)]

    def write(self, strips: Iterable[Floats]) -> None:
        """Write the tiles of all levels."""
        for strip in strips:
            self._full.append((self.levels[0], strip))
            self._line_up()
        while self._line:
            self._take_first()
            self._line_up()

    def drop(self) -> None:
        """Forget what still waits, and wait for what has begun: it uses the strips."""
        for _, future in self._line:
            future.cancel()
        wait([future for _, future in self._line])
        self._line.clear()

    def _line_up(self) -> None:
        while self._full:
            for task in self._tasks(*self._full.popleft()):
                while len(self._line) >= self._longest:
                    self._take_first()
                self._line.append((task, self._pool.submit(task.work)))

    def _tasks(self, level: _Level, strip: Floats) -> Iterator[_Task]:
        """Yield what is to be done with a row of tiles."""
        if level is not self.levels[-1]:
            yield from self._halving(self.levels[level.halvings + 1], strip)
        width = self._pyramid.tile * self._tiles
        for left in range(0, strip.shape[1], width):
            yield _Task(partial(_encode, strip[:, left : left + width], self._pyramid), level)

    def _halving(self, below: _Level, strip: Floats) -> Iterator[_Task]:
        rows = strip.shape[0] // 2
        if rows:
            filled = below.strip = below.strip or self._new_strip(below, strip.shape[2])
            out = filled.pixels[filled.given : filled.given + rows]
            filled.given += rows
            if filled.given == filled.pixels.shape[0]:
                below.top += filled.given
                below.strip = None
            yield _Task(partial(halve, strip, out), below, filled, rows)

    def _new_strip(self, level: _Level, channels: int) -> _Strip:
        rows = min(self._pyramid.tile, level.size.height - level.top)
        return _Strip(make_room((rows, level.size.width, channels), self._pyramid.scratch))

    def _take_first(self) -> None:
        """Wait for the first task in the line, and put its result where it belongs."""
        task, future = self._line.popleft()
        made = future.result()
        if task.filled is None:
            for content in made:
                self._append(task.level, content)
            return
        task.filled.made += task.rows
        if task.filled.made == task.filled.pixels.shape[0]:
            self._full.append((task.level, task.filled.pixels))

    def _append(self, level: _Level, content: Encoded) -> None:
        level.offsets.append(self._end)
        level.lengths.append(len(content))
        self._file.write(content)
        self._end += len(content)


def _encode(pixels: Floats, pyramid: Pyramid) -> list[Encoded]:
    shown = pixels if pyramid.shown is None else pyramid.shown(pixels)
    return encode_tiles(shown, pyramid.tile, pyramid.packing)


# ---- the tags


def _tags(pyramid: Pyramid, form: Form, level: _Level) -> list[Tag]:
    """Return the tags of a level: STIFF's, but for those that name a person, a host or a time.

    A smaller level says so by NewSubfileType, which STIFF leaves out.
    """
    return [
        *([Tag(254, LONG, (1,))] if level.halvings else []),
        bigtiff.side(256, level.size.width),
        bigtiff.side(257, level.size.height),
        Tag(259, SHORT, (COMPRESSIONS[pyramid.packing.compression].code,)),
        Tag(270, ASCII, bigtiff.text(pyramid.describe(level.size, level.halvings))),
        Tag(274, SHORT, (1,)),  # Orientation: top left
        Tag(282, RATIONAL, (72, 1)),
        Tag(283, RATIONAL, (72, 1)),
        Tag(284, SHORT, (1,)),  # PlanarConfiguration: contiguous
        Tag(296, SHORT, (2,)),  # ResolutionUnit: inch
        Tag(305, ASCII, bigtiff.text(f"iipastro {__version__}".encode())),
        *_sample_tags(pyramid),
        bigtiff.side(322, pyramid.tile),
        bigtiff.side(323, pyramid.tile),
        Tag(324, form.offset_type, level.offsets),
        Tag(325, LONG, level.lengths),
    ]


def _sample_tags(pyramid: Pyramid) -> list[Tag]:
    """Return what the samples are and mean.  Burnt-in pixels are shown as they are."""
    dtype, channels = np.dtype(pyramid.dtype), len(pyramid.cuts)
    floats = dtype.kind == "f"
    cuts = pyramid.cuts if floats else ((0.0, float(np.iinfo(dtype).max)),) * channels
    predictor = PREDICTORS[pyramid.packing.predictor].code
    return [
        Tag(258, SHORT, (8 * dtype.itemsize,) * channels),
        Tag(262, SHORT, (LINEAR_RAW if floats else GREY if channels == 1 else RGB,)),
        Tag(277, SHORT, (channels,)),
        *([Tag(317, SHORT, (predictor,))] if predictor > 1 else []),
        Tag(339, SHORT, (3 if floats else 1,) * channels),
        Tag(340, FLOAT, tuple(low for low, _ in cuts)),
        Tag(341, FLOAT, tuple(high for _, high in cuts)),
    ]
