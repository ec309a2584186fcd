"""The ini file as lines that know where they stand, for the errors that say so.

`[section]`, `key = value`, comments after `;` or `#` at the start of a line or
after a blank.  Nothing is interpolated, and nothing goes on in the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .setting import ConfigError

_COMMENT = re.compile(r"(?:^|\s)[;#]")


class Entry(NamedTuple):
    """A text for a setting, and where it comes from.  Without a key: only that the section is."""

    section: str
    key: str
    text: str
    origin: str


def read_ini(path: str) -> list[Entry]:
    """Return the entries of a file in order.  Raises ConfigError: unreadable, malformed, twice."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not a text in UTF-8") from None
    entries = list(_entries(path, text))
    _refuse_twins(entries)
    return entries


def _entries(path: str, text: str) -> Iterator[Entry]:
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        origin = f"{path}:{number}"
        content = _COMMENT.split(line, maxsplit=1)[0].strip()
        if not content:
            continue
        if content.startswith("[") and content.endswith("]"):
            section = content[1:-1].strip()
            yield Entry(section, "", "", origin)
            continue
        key, equals, value = (part.strip() for part in content.partition("="))
        if not (equals and key):
            raise ConfigError(f"{origin}: neither a [section] nor key = value")
        if not section:
            raise ConfigError(f"{origin}: {key} stands before the first [section]")
        yield Entry(section, key, value, origin)


def _refuse_twins(entries: list[Entry]) -> None:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        twin = first.setdefault((entry.section, entry.key), entry)
        if entry.key and twin is not entry:
            raise ConfigError(
                f"{entry.origin}: [{entry.section}] {entry.key} is set a second time;"
                f" the first is in {twin.origin}"
            )
