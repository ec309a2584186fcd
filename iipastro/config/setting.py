"""What a setting is: its default, its reader, its help and its old name, declared once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, cast


class ConfigError(Exception):
    """The configuration cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Reader:
    """How the text of a setting becomes a value."""

    takes: str  # what it takes, in words: "expected {takes}"
    read: Callable[[str], Any]  # raises ValueError
    lines: bool = False  # takes a line each: the value is a tuple of what each is read as

    def value(self, text: str) -> Any:
        """Return the value of a whole text.  Raises ValueError."""
        if not self.lines:
            return self.read(text)
        return tuple(self.read(line.strip()) for line in text.split("\n") if line.strip())


class Rule(NamedTuple):
    """What holds for the images whose name matches a pattern."""

    pattern: str  # as fnmatch has it
    value: Any


@dataclass(frozen=True)
class Variable:
    """The environment variable by which iipsrv knows a setting (spec 8)."""

    name: str
    # from iipsrv's value to the text of an ini file; None: as if the variable were not set
    translate: Callable[[str], str | None] = str.strip


@dataclass(frozen=True)
class Setting:
    """One row: all that is known of a setting but its name, which is the field's."""

    default: str  # text, read as the user's text is
    reader: Reader
    help: str
    variable: Variable | None = None
    secret: bool = False  # its value is printed nowhere


def setting(default: str, reader: Reader, help_text: str, variable: Variable | None = None) -> Any:
    """Declare a field of a section."""
    return _declared(Setting(default, reader, help_text, variable))


def secret(help_text: str) -> Any:
    """Declare a field whose value is for nobody's eyes: a text, empty by default."""
    return _declared(Setting("", Reader("a text, or nothing", str), help_text, secret=True))


def _declared(row: Setting) -> Any:
    return field(default_factory=lambda: row.reader.value(row.default), metadata={"setting": row})


def sections_of(config: type[Any]) -> dict[str, type[Any]]:
    """Return the class of each section of a configuration."""
    return {section.name: cast("type[Any]", section.default_factory) for section in fields(config)}


def rows_of(section: type[Any]) -> dict[str, Setting]:
    """Return the settings of a section."""
    return {key.name: key.metadata["setting"] for key in fields(section)}
