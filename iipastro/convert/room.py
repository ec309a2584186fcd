"""Room for strips of rows: in memory while small, else in a file without a name.

A row of tiles of a very wide image takes hundreds of MB.  The file is mapped,
so the kernel may write it out whenever it wants the memory.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from math import prod

import numpy as np

from .source import Floats

IN_MEMORY = 16 << 20  # bytes of a strip that may stay in memory


def make_room(shape: tuple[int, int, int], folder: str) -> Floats:
    """Return an array of float32 of any values; it goes when the last view of it does.

    `folder` takes the file of a large one.  Raises OSError where it is full:
    the blocks are reserved here, because a write into a map cannot fail gently.
    """
    size = prod(shape) * 4
    if size <= IN_MEMORY:
        return np.empty(shape, dtype=np.float32)
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        os.posix_fallocate(file.fileno(), 0, size)
        room = mmap.mmap(file.fileno(), size)
    return np.frombuffer(room, dtype=np.float32).reshape(shape)
