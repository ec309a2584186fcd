"""What processes take of the memory, as Linux tells it (proc(5))."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


class Memory(NamedTuple):
    """What a process takes, in bytes.  0: not known."""

    rss: int  # all its pages
    pss: int  # those that it shares counted in part: what all processes take is the sum


def memory_of(process: int, proc: str = "/proc") -> Memory:
    """Return what a process takes.

    The system keeps `pss` from us if the process, or we, have been root before.
    """
    folder = f"{proc}/{process}"
    pages = _text(f"{folder}/statm").split()
    shared = _PSS.search(_text(f"{folder}/smaps_rollup"))
    rss = int(pages[1]) * os.sysconf("SC_PAGESIZE") if pages else 0
    return Memory(rss, int(shared[1]) * 1024 if shared else 0)


def total(memories: Iterable[Memory]) -> Memory:
    """Return the sums; 0 where that of one is not known."""
    rss, pss = zip(*memories, strict=True)
    return Memory(*(sum(sizes) if all(sizes) else 0 for sizes in (rss, pss)))


def _text(path: str) -> str:
    """Return what a file of /proc holds; nothing if its process is gone, or another user's."""
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except OSError:
        return ""
