"""The ini file as lines that know where they stand, for the errors that say so.

`[section]`, `key = value`, comments after `;` or `#` at the start of a line or
after a blank.  Nothing is interpolated.  A value goes on in the next lines only
where nothing stands behind the `=`, and the lines are indented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .setting import ConfigError

_COMMENT = re.compile(r"(?:^|\s)[;#]")


class Entry(NamedTuple):
    """A text for a setting, and where it comes from.  Without a key: only that the section is.

    A text of several lines has as many as the file: line n of it is n lines below its origin.
    """

    section: str
    key: str
    text: str
    origin: str

    def place_of(self, line: int) -> str:
        """Return where a line of the text comes from; 0 is that of the key."""
        path, colon, number = self.origin.rpartition(":")
        return f"{path}:{int(number) + line}" if colon else self.origin


def read_ini(path: str) -> list[Entry]:
    """Return the entries of a file in order.  Raises ConfigError: unreadable, malformed, twice."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not a text in UTF-8") from None
    entries: list[Entry] = []
    for line in _entries(path, text):
        if line.key or not line.text:
            entries.append(line)
        else:
            entries[-1] = _longer(entries[-1], line)
    _refuse_twins(entries)
    return entries


def _entries(path: str, text: str) -> Iterator[Entry]:
    """Yield an entry for each line that says something; a line that goes on has a text only."""
    section, goes_on = "", False
    for number, line in enumerate(text.split("\n"), 1):
        origin = f"{path}:{number}"
        content = _COMMENT.split(line, maxsplit=1)[0].strip()
        if not content:
            continue
        if content.startswith("[") and content.endswith("]"):
            section, goes_on = content[1:-1].strip(), False
            yield Entry(section, "", "", origin)
            continue
        if goes_on and line[0].isspace():
            yield Entry(section, "", content, origin)
            continue
        key, equals, value = (part.strip() for part in content.partition("="))
        if not (equals and key):
            raise ConfigError(f"{origin}: neither a [section] nor key = value")
        if not section:
            raise ConfigError(f"{origin}: {key} stands before the first [section]")
        goes_on = not value
        yield Entry(section, key, value, origin)


def _longer(entry: Entry, line: Entry) -> Entry:
    """Return an entry with one more line, at the same distance from its key as in the file."""
    first, last = (int(each.origin.rpartition(":")[2]) for each in (entry, line))
    missing = last - first - entry.text.count("\n")
    return entry._replace(text=entry.text + "\n" * missing + line.text)


def _refuse_twins(entries: list[Entry]) -> None:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        twin = first.setdefault((entry.section, entry.key), entry)
        if entry.key and twin is not entry:
            raise ConfigError(
                f"{entry.origin}: [{entry.section}] {entry.key} is set a second time;"
                f" the first is in {twin.origin}"
            )
