"""The settings as an ini file, as a page, and as they are now: all made from the rows."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator

from .load import Loaded
from .sections import Config
from .setting import Setting, rows_of, sections_of

_INI_HEAD = """\
# Settings of iipastro, each at its default.  To change one, remove its `#` here,
# or better: write it into a file of your own in /etc/iipastro/conf.d/.
# `iipastro configtest` says whether all is well, `iipastro print-config` shows
# every value and where it comes from.
"""
_PAGE_HEAD = """\
# Settings

Made from the settings themselves by `scripts/make_docs.py`.

A setting is looked up in this order, and what comes later wins: its default,
`/etc/iipastro/iipastro.ini`, `/etc/iipastro/conf.d/*.ini` in alphabetical order, the environment
variable of iipsrv, the command line (`--set section.key=value`). With `--config FILE`, that file is
read instead of those in `/etc/iipastro`.

Sizes take K, M and G, which are powers of 1024; times take ms, s, m and h; lists are written with
commas. Comments begin with `;` or `#`, at the start of a line or after a blank. A misspelt name, a
value of the wrong kind or out of range, and a setting written twice in a file are errors, named by
file and line. A setting that takes rules has one in each line, indented below the empty `key =`.

A rule is for the images whose name, as it stands behind `FIF=`, matches its pattern; the first one
that matches counts. `*` stands for any text, slashes included, `?` for any character, `[ab]` for
one of those.

The variables are read as iipsrv reads them: a number is what the text begins with, and one out of
range is cut to it. `LOGFILE` is a path from where the server starts, `CORS` may hold several
origins with blanks, an empty `CACHE_CONTROL` or `FILESYSTEM_PREFIX` counts as not set, and a
`URI_MAP` that cannot be served is passed over.
"""


def ini_text() -> str:
    """Return the ini file with every setting at its default, commented out."""
    lines = [_INI_HEAD]
    for section, help_text, rows in _sections():
        lines += ["", f"# {help_text}", f"[{section}]"]
        for key, row in rows:
            about = f"{row.help} Takes {row.reader.takes}."
            lines += ["", *textwrap.wrap(about, 90, initial_indent="# ", subsequent_indent="# ")]
            lines.append(f"#{key} = {row.default}".rstrip())
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """Return the reference page of the settings, in Markdown."""
    lines = [_PAGE_HEAD]
    for section, help_text, rows in _sections():
        lines += [f"## [{section}]", "", help_text, ""]
        lines += ["| setting | default | meaning | variable |", "| --- | --- | --- | --- |"]
        lines += [_page_row(key, row) for key, row in rows]
        lines.append("")
    return "\n".join(lines)


def _page_row(key: str, row: Setting) -> str:
    default = f"`{row.default}`" if row.default else "empty"
    variable = f"`{row.variable.name}`" if row.variable else ""
    return f"| `{key}` | {default} | {row.help} Takes {row.reader.takes}. | {variable} |"


def as_ini(loaded: Loaded) -> str:
    """Return a configuration as an ini file, with the origin of each value beside it."""
    lines = []
    for section, _, rows in _sections():
        lines.append(f"[{section}]")
        for key, row in rows:
            name = f"{section}.{key}"
            text = loaded.texts[name]
            first, *more = ("(not shown)" if row.secret and text else text).split("\n")
            assignment = f"{key} = {first}"
            lines.append(f"{assignment:<48} ; {loaded.origins[name]}")
            lines += [f"    {line.strip()}" for line in more if line.strip()]
        lines.append("")
    return "\n".join(lines)


def _sections() -> Iterator[tuple[str, str, list[tuple[str, Setting]]]]:
    """Yield the name, the help and the rows of each section."""
    for section, kind in sections_of(Config).items():
        yield section, inspect.getdoc(kind) or "", list(rows_of(kind).items())
