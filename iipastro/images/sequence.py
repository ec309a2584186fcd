"""Sequences: images of one object, numbered by their angles (spec 5.5).

A sequence `stem` is the files `<stem><pattern><horizontal>_<vertical>.<suffix>`
of one directory, both angles of three digits; it has a member at (0, 90).
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from ..errors import NotFound, Unservable, printable
from .sandbox import MAX_ECHO, list_inside, open_inside

SUFFIXES = ("tif", "tiff", "ptif")
FIRST = (0, 90)  # the angles of the member that every sequence has


class Sequence(NamedTuple):
    """A sequence that was found, and its angles in ascending order."""

    stem: str  # the client's name of it
    pattern: str
    suffix: str
    horizontal: tuple[int, ...]  # at vertical angle 90
    vertical: tuple[int, ...]  # at horizontal angle 0

    def member(self, angles: tuple[int, int]) -> str:
        """Return the name of the file at (horizontal, vertical)."""
        return f"{self.stem}{self.pattern}{angles[0]:03d}_{angles[1]:03d}.{self.suffix}"


def find_sequence(root: str, name: str, pattern: str, follow_symlinks: bool) -> Sequence | None:
    """Return the sequence of that name, None where there is none.

    Raises Unservable where its first member is there with several suffixes,
    Unreadable where the file system fails.
    """
    candidates = [Sequence(name, pattern, suffix, (), ()) for suffix in SUFFIXES]
    found = [c for c in candidates if _is_file(root, c.member(FIRST), follow_symlinks)]
    if len(found) > 1:
        echo = printable(name[:MAX_ECHO])[:MAX_ECHO]
        raise Unservable(f"there are several image sequences {echo}")
    if not found:
        return None
    names = list_inside(root, found[0].member(FIRST), follow_symlinks)
    stem, suffix = name.rpartition("/")[2] + pattern, found[0].suffix
    numbered = re.compile(rf"{re.escape(stem)}([0-9]{{3}})_([0-9]{{3}})\.{suffix}")
    members = [match.groups() for match in map(numbered.fullmatch, names) if match]
    angles = [(int(across), int(down)) for across, down in members]
    horizontal = tuple(sorted(across for across, down in angles if down == FIRST[1]))
    vertical = tuple(sorted(down for across, down in angles if across == FIRST[0]))
    return found[0]._replace(horizontal=horizontal, vertical=vertical)


def _is_file(root: str, name: str, follow_symlinks: bool) -> bool:
    """Tell whether there is such a file.

    Asked before the directory is listed, so that a name that is not there
    costs the same in a directory of a million files.
    """
    try:
        os.close(open_inside(root, name, follow_symlinks))
    except NotFound:
        return False
    return True
