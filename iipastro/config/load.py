"""From files, environment and command line to one Config, and where each value comes from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ..errors import printable
from .ini import Entry, read_ini
from .sections import Config
from .setting import ConfigError, Reader, Setting, rows_of, sections_of

_Rows = Mapping[tuple[str, str], Setting]


@dataclass(frozen=True)
class Loaded:
    """A configuration, with the text and the origin of each value under `section.key`."""

    config: Config
    texts: Mapping[str, str]
    origins: Mapping[str, str]  # default, FILE:LINE, environment NAME, or command line


def load_config(
    files: Iterable[str] = (),
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Loaded:
    """Read a configuration; what comes later wins (operations.md 1).

    Parameters
    ----------
    files : ini files, each of which has to be there.
    environ : iipsrv's variables (spec 8); unknown ones are ignored.
    overrides : texts under `section.key`, from the command line.

    Raises
    ------
    ConfigError
        An unknown section or key, or a value of the wrong type or out of
        range, wherever it stands, with FILE:LINE and the nearest known name.
    """
    rows = _rows()
    entries = [Entry(*name, row.default, "default") for name, row in rows.items()]
    for path in files:
        entries += read_ini(path)
    entries += _from_environment(rows, environ or {})
    entries += _from_command_line(overrides or {})
    values = {(e.section, e.key): _read(rows, e) for e in entries if _known(rows, e)}
    last = {f"{e.section}.{e.key}": e for e in entries if e.key}
    return Loaded(
        _built(values),
        {name: entry.text for name, entry in last.items()},
        {name: entry.origin for name, entry in last.items()},
    )


def system_files(folder: str = "/etc/iipastro") -> list[str]:
    """Return the ini files of an installation, in the order in which they are read."""
    main, more = os.path.join(folder, "iipastro.ini"), os.path.join(folder, "conf.d")
    try:
        names = sorted(name for name in os.listdir(more) if _is_ini(name))
    except FileNotFoundError:
        names = []
    except OSError as error:
        raise ConfigError(f"{more}: cannot be read: {error.strerror}") from None
    return [main] * _is_there(main) + [os.path.join(more, name) for name in names]


def _is_ini(name: str) -> bool:
    return name.endswith(".ini") and not name.startswith(".")


def _is_there(path: str) -> bool:
    """Return whether there is a file to read; one that we may not even look at is there."""
    try:
        os.stat(path)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _from_environment(rows: _Rows, environ: Mapping[str, str]) -> Iterator[Entry]:
    for (section, key), row in rows.items():
        variable = row.variable
        if variable is not None and variable.name in environ:
            text = variable.translate(environ[variable.name])
            if text is not None:
                yield Entry(section, key, text, f"environment {variable.name}")


def _from_command_line(overrides: Mapping[str, str]) -> Iterator[Entry]:
    for name, text in overrides.items():
        section, _, key = name.partition(".")
        yield Entry(section, key or "?", text.strip(), "command line")


def _known(rows: _Rows, entry: Entry) -> bool:
    """Return whether the entry sets something.  Raises ConfigError for an unknown name."""
    sections = sorted({section for section, _ in rows})
    if entry.section not in sections:
        hint = _hint(entry.section, {name: f"[{name}]" for name in sections})
        raise _error(entry, f"[{entry.section}]: no such section{hint}")
    if not entry.key:
        return False
    if (entry.section, entry.key) not in rows:
        here = {key: key for section, key in rows if section == entry.section}
        elsewhere = {key: f"{key} in [{section}]" for section, key in rows}
        hint = _hint(entry.key, here) or _hint(entry.key, elsewhere)
        raise _error(entry, f"[{entry.section}] {entry.key}: no such setting{hint}")
    return True


def _hint(name: str, known: Mapping[str, str]) -> str:
    near = get_close_matches(name.lower(), known, n=1)
    return f"; did you mean {known[near[0]]}?" if near else ""


def _read(rows: _Rows, entry: Entry) -> Any:
    """Return the value of an entry.  Control characters could end a header or a log line."""
    reader = rows[entry.section, entry.key].reader
    if not reader.lines:
        return _read_line(reader, entry, 0)
    lines = range(entry.text.count("\n") + 1)
    return tuple(_read_line(reader, entry, line) for line in lines if _line(entry, line))


def _read_line(reader: Reader, entry: Entry, line: int) -> Any:
    """Return the value of one line, or of the whole text where it may have one line only."""
    text = _line(entry, line) if reader.lines else entry.text
    name = f"[{entry.section}] {entry.key}"
    if any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text):
        what = "takes one line" if text.startswith("\n") else "control characters are not allowed"
        raise _error(entry, f"{name}: {what}")
    try:
        return reader.read(text)
    except ValueError:
        message = f'{name}: expected {reader.takes}, not "{text}"'
        raise _error(entry, message, line) from None


def _line(entry: Entry, line: int) -> str:
    return entry.text.split("\n")[line].strip()


def _error(entry: Entry, message: str, line: int = 0) -> ConfigError:
    return ConfigError(printable(f"{entry.place_of(line)}: {message}"))


def _rows() -> _Rows:
    sections = sections_of(Config).items()
    return {(name, key): row for name, kind in sections for key, row in rows_of(kind).items()}


def _built(values: Mapping[tuple[str, str], Any]) -> Config:
    sections = sections_of(Config).items()
    return Config(
        **{
            name: kind(**{key: values[name, key] for key in rows_of(kind)})
            for name, kind in sections
        }
    )
