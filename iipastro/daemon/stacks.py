"""The stacks that faulthandler writes, brought into one line for the log."""

from __future__ import annotations

import re

FRAMES = 30  # of each thread, from the innermost one on

_FRAME = re.compile(r'\s*File "(.*)", line (\d+) in (.*)')
_THREAD = re.compile(r"(Current thread|Thread) ")


def in_one_line(text: str) -> str:
    """Return the stacks of all threads: the current one first, innermost functions first."""
    threads = [[line] for line in text.splitlines() if _THREAD.match(line)] or [[""]]
    number = -1
    for line in text.splitlines():
        if _THREAD.match(line):
            number += 1
        elif (frame := _FRAME.match(line)) and len(threads[number]) <= FRAMES:
            path, row, name = frame.groups()
            threads[number].append(f"{name} ({path}:{row})")
    threads.sort(key=lambda lines: not lines[0].startswith("Current"))
    return "; other thread: ".join(" < ".join(lines[1:]) for lines in threads)
