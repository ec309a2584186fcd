"""One conversion: check, read, cut, write."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from ..geometry import Size
from .cuts import Rule, sample_cuts
from .encode import Packing, check_packing
from .fits import open_source
from .header import describe
from .output import names_of, whole_file
from .progress import Progress
from .pyramid import TILE, Cuts, Pyramid, write_pyramid
from .room import make_room
from .source import ConvertError, Floats, Options, Source
from .stretch import Stretch, make_stretch

READ = 8 << 20  # bytes of float32 that are read at a time
AHEAD = 32 << 20  # bytes of strips that are read before they are asked for; one at least
GAMMA, AS_STIFF, PLAIN = Stretch(), Rule(), Packing()
TILES = range(16, 1025, 16)  # TIFF 6.0 p. 67
TILE_BYTES = 16 << 20  # the largest tile of which some may be in memory at a time
ROW_BYTES = 64 << 20  # the longest row of pixels, in float32


@dataclass(frozen=True)
class Settings:
    """How a file is written."""

    sample: str = "float32"  # float32, uint16 or uint8
    stretch: Stretch = GAMMA  # of other samples than float32
    rule: Rule = AS_STIFF  # of the display cuts
    packing: Packing = PLAIN
    tile: int = TILE
    levels: str = "tile"  # of LEVELS
    bigtiff: bool | None = None  # None: as the size asks
    threads: int = 0  # 0: as many as there are cores


@dataclass(frozen=True)
class Job:
    """A file to make."""

    inputs: tuple[str, ...]
    output: str


def run(job: Job, options: Options, settings: Settings, progress: Progress) -> None:
    """Make a file.  Raises ConvertError; whatever happens, the output is whole or untouched."""
    check_names(job.output, (*job.inputs, *options.flags))
    near = replace(options, scratch=options.scratch or folder_of(job.output))
    with closing(open_source(job.inputs, near)) as source:
        convert(source, job.output, settings, progress)


def folder_of(output: str) -> str:
    """Return the folder in which an output and what belongs to it are written."""
    return os.path.dirname(os.path.realpath(output))


def check_names(output: str, inputs: Sequence[str]) -> None:
    """Refuse to write over what is read.  Raises ConvertError."""
    for name in names_of(output):
        for path in inputs:
            try:
                same = os.path.samefile(name, path)
            except OSError:  # one is not there, which others tell
                continue
            if same:
                raise ConvertError(f"{output}: writing it would destroy the input {path}")


def convert(source: Source, output: str, settings: Settings, progress: Progress) -> None:
    """Write an open source as a pyramid.

    `progress` gets the pixels that are done and those of the whole image.
    Raises ConvertError.
    """
    _check(settings, source)
    cuts = tuple((float(low), float(high)) for low, high in sample_cuts(source, settings.rule))
    pyramid = _pyramid(source, output, settings, cuts)
    threads = settings.threads or len(os.sched_getaffinity(0))
    with (
        whole_file(output) as file,
        ThreadPoolExecutor(threads) as pool,
        closing(read_ahead(source, pyramid, pool, threads)) as strips,
    ):
        write_pyramid(file, pyramid, _reported(strips, source.size, progress), pool)


def _check(settings: Settings, source: Source) -> None:
    """Refuse what cannot be written, or not within the memory that is allowed."""
    dtype, channels = np.dtype(settings.sample), source.channels
    if settings.tile not in TILES:
        raise ConvertError(f"the sides of tiles are multiples of 16 up to {TILES[-1]}")
    if settings.tile**2 * channels * 4 > TILE_BYTES:
        raise ConvertError(f"tiles of {channels} channels would pass 16 MiB: make them smaller")
    if source.size.width * channels * 4 > ROW_BYTES:
        raise ConvertError(f"{source.name}: a row of all channels passes 64 MiB")
    check_packing(settings.packing, dtype)


def _pyramid(source: Source, output: str, settings: Settings, cuts: tuple[Cuts, ...]) -> Pyramid:
    def described(lvl: Size, halvings: int) -> bytes:
        return describe(source.cards, source.labels, lvl, halvings)

    burnt = settings.sample != "float32"
    return Pyramid(
        source.size,
        cuts,
        described,
        settings.tile,
        settings.levels,
        settings.packing,
        settings.sample,
        make_stretch(settings.stretch, cuts, settings.sample) if burnt else None,
        settings.bigtiff,
        folder_of(output),
    )


# ---- reading


def read_ahead(
    source: Source, pyramid: Pyramid, pool: Executor, most: int
) -> Generator[Floats, None, None]:
    """Yield the rows of tiles of a source from the top, up to `most` of which are being read."""
    ahead = max(1, min(most, AHEAD // (4 * pyramid.tile * source.size.width * source.channels)))
    waiting: deque[Future[Floats]] = deque()
    try:
        for top in range(0, source.size.height, pyramid.tile):
            waiting.append(pool.submit(read_strip, source, top, pyramid.tile, pyramid.scratch))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        wait(waiting)


def read_strip(source: Source, top: int, tile: int, scratch: str) -> Floats:
    """Return a row of tiles, of up to `tile` rows, read some rows at a time."""
    size, channels = source.size, source.channels
    rows = min(tile, size.height - top)
    step = max(1, READ // (4 * size.width * channels))
    if step >= rows:
        return source.read(top, rows)
    strip = make_room((rows, size.width, channels), scratch)
    for row in range(0, rows, step):
        count = min(step, rows - row)
        strip[row : row + count] = source.read(top + row, count)
    return strip


def _reported(strips: Iterator[Floats], size: Size, progress: Progress) -> Iterator[Floats]:
    done = 0
    for strip in strips:
        yield strip
        done += strip.shape[0] * size.width
        progress(done, size.width * size.height)
