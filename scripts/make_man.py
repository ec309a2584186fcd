"""The manual pages, in roff, from the tables that the reference pages come from.

`make_docs.py` writes and checks them with all else that is made.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator

from iipastro import __version__, cli, commands, iipsrv
from iipastro.config import Config
from iipastro.config.setting import Setting, rows_of, sections_of
from iipastro.control.options import SIGNALS

FILES = (
    ("/etc/iipastro/iipastro.ini", "The settings; see iipastro.ini(5)."),
    ("/etc/iipastro/conf.d/*.ini", "More settings, in alphabetical order, which win over those."),
    ("/run/iipastro/iipastro.sock", "The socket that a web server asks."),
    ("/run/iipastro/iipastro.pid", "The number of the process that signals go to."),
    ("/var/cache/iipastro", "Lower levels of FITS files that are served as they are."),
)


# ---- roff


def escaped(text: str) -> str:
    """Return text that roff shows as it is."""
    for character, code in (
        ("\\", "\\e"), ("-", "\\-"), ("'", "\\(aq"), ("`", "\\(ga"), ("^", "\\(ha"),
        ("~", "\\(ti"), ("…", "..."),
    ):  # fmt: skip
        text = text.replace(character, code)
    return re.sub(r"^\.", r"\\&.", text, flags=re.MULTILINE)


def prose(text: str) -> str:
    """Return a sentence: what stands in backquotes is literal."""
    parts = re.split(r"`([^`]+)`", text)
    return "".join(bold(part) if number % 2 else escaped(part) for number, part in enumerate(parts))


def bold(text: str) -> str:
    return f"\\fB{escaped(text)}\\fR"


def italic(text: str) -> str:
    return f"\\fI{escaped(text)}\\fR"


def entry(tag: str, *lines: str) -> list[str]:
    """Return a tagged paragraph."""
    return [".TP", tag, *lines]


def page(name: str, section: int, about: str, *lines: str) -> str:
    """Return a whole page."""
    title = f'.TH {name.upper()} {section} "" "iipastro {__version__}" "iipastro"'
    made = '.\\" Made by scripts/make_docs.py from the tables of the code.'
    head = [made, title, ".SH NAME", f"{escaped(name)} \\- {escaped(about)}"]
    return "\n".join([*head, *lines]) + "\n"


def also(*pages: str) -> list[str]:
    """Return the section of other pages, each as name(section)."""
    lines = []
    for number, name in enumerate(pages):
        stem, _, section = name.rpartition("(")
        end = "," if number < len(pages) - 1 else ""
        lines.append(f".BR {escaped(stem)} ({section}{end}")
    return [".SH SEE ALSO", *lines]


# ---- iipastro(8)


def iipastro_page() -> str:
    """Return the page of the command `iipastro`."""
    return page(
        "iipastro", 8, "serve huge astronomical images to web pages",
        ".SH SYNOPSIS", f"{bold('iipastro')} {italic('COMMAND')} [{italic('OPTIONS')}]",
        ".SH DESCRIPTION",
        prose("A FastCGI server of the Internet Imaging Protocol (IIP): behind nginx, Apache or "
              "lighttpd it shows tiled pyramidal TIFF files, and FITS files as they are, to "
              "VisiOmatic and other viewers. It takes the place of iipsrv and iipsrv-astro."),
        ".SH COMMANDS", *_commands(),
        ".SH SIGNALS",
        prose("They are for the process whose number the pid file holds; `reload`, `reopen` and "
              "`stop` send them."),
        *(line for name, what in SIGNALS for line in entry(bold(name), prose(what))),
        ".SH EXIT STATUS",
        *(
            line
            for code, what in commands.EXIT_CODES.items()
            for line in entry(str(code), prose(what))
        ),
        *_files(),
        ".SH EXAMPLES", *_example("iipastro configtest && iipastro reload"),
        *_example("iipastro query 'FIF=m101.ptif&JTL=0,0' > tile.jpg"),
        *_example("iipastro status --json"),
        *also("iipastro-convert(1)", "iipastro.ini(5)", "iipsrv.fcgi(8)"),
    )  # fmt: skip


def _commands() -> Iterator[str]:
    for command in cli.COMMANDS:
        yield f".SS {escaped(command.name)}"
        yield prose(command.help)
        aliases = [alias for alias, name in cli.ALIASES.items() if name == command.name]
        if aliases:
            yield "Also as " + " or ".join(map(bold, aliases)) + "."
        if command.name == "convert":
            yield prose("Its options are in iipastro-convert(1).")
            continue
        for option in command.options:
            yield from entry(_option(option.name, option.more.get("metavar", "")),
                             prose(option.help))  # fmt: skip


def _option(name: str, metavar: str) -> str:
    if not name.startswith("-"):
        return italic(metavar or name)
    return f"{bold(name)} {italic(metavar)}" if metavar else bold(name)


def _files() -> list[str]:
    return [".SH FILES", *(x for path, what in FILES for x in entry(italic(path), prose(what)))]


def _example(text: str) -> list[str]:
    return [".PP", ".nf", ".RS", escaped(text), ".RE", ".fi"]


# ---- iipsrv.fcgi(8)


def iipsrv_page() -> str:
    """Return the page of the drop-in command."""
    actions = [a for a in iipsrv._parser()._actions if a.dest != "help"]
    options = [
        line
        for action in actions
        for line in entry(
            _option(action.option_strings[0], str(action.metavar)),
            prose(f"{str(action.help).capitalize()}."),
        )
    ]
    return page(
        "iipsrv.fcgi", 8, "iipastro, started in the ways in which iipsrv is",
        ".SH SYNOPSIS",
        f"{bold('iipsrv.fcgi')} [{_option('--bind', 'HOST:PORT|PATH')}]"
        f" [{_option('--backlog', 'N')}]",
        ".SH DESCRIPTION",
        prose("The server of iipastro(8) in the place of iipsrv's command: a configuration of "
              "lighttpd, of Apache's mod_fcgid or of spawn-fcgi that was made for iipsrv works "
              "when the path of the command is changed. Without `--bind`, requests come through "
              "the listening socket that is passed on as descriptor 0."),
        prose("It has one worker process, as iipsrv has, unless the variable WORKERS or an ini "
              "file says otherwise, and writes no pid file."),
        ".SH OPTIONS", *options,
        ".SH ENVIRONMENT",
        prose("Each variable stands above the ini files and is read as iipsrv reads it: a number "
              "is what the text begins with, and one out of range is cut to it."),
        *_variables(),
        ".SH EXIT STATUS",
        *(x for code in (commands.OK, commands.FAILURE, commands.USAGE, commands.BAD_CONFIGURATION)
          for x in entry(str(code), prose(commands.EXIT_CODES[code]))),
        *_files(),
        ".SH EXAMPLES",
        *_example("FILESYSTEM_PREFIX=/srv/images/ iipsrv.fcgi --bind 127.0.0.1:9000"),
        *_example("spawn-fcgi -s /run/iipsrv.sock -n -- /opt/iipastro/bin/iipsrv.fcgi"),
        *also("iipastro(8)", "iipastro.ini(5)"),
    )  # fmt: skip


def _variables() -> Iterator[str]:
    for section, key, row in _rows():
        if row.variable is not None:
            yield from entry(bold(row.variable.name), f"[{section}] {bold(key)}. {prose(row.help)}")


def _rows() -> Iterator[tuple[str, str, Setting]]:
    for section, kind in sections_of(Config).items():
        for key, row in rows_of(kind).items():
            yield section, key, row


# ---- iipastro-convert(1)


def convert_page() -> str:
    """Return the page of the converter."""
    (command,) = [one for one in cli.COMMANDS if one.name == "convert"]
    options = (x for option in command.options
               for x in entry(_option(option.name, option.more.get("metavar", "")),
                              prose(option.help)))  # fmt: skip
    return page(
        "iipastro-convert", 1, "make a tiled pyramidal TIFF of FITS files",
        ".SH SYNOPSIS",
        f"{bold('iipastro convert')} {italic('INPUT')} ... {bold('-o')} {italic('OUTPUT')}"
        f" [{italic('OPTIONS')}]",
        ".br",
        f"{bold('iipastro convert --batch')} {italic('LIST')} [{italic('OPTIONS')}]",
        ".SH DESCRIPTION",
        prose(f"{command.help} Each file, each HDU that is named and each plane of a cube becomes "
              "a channel. Pixels keep their values unless `--sample` says otherwise; display cuts "
              "are found and written beside them. The output appears under its name when all of "
              "it is on the disk; a run that fails or is stopped leaves the older one."),
        ".SH OPTIONS", *options,
        ".SH EXIT STATUS",
        *(x for code in (commands.OK, commands.FAILURE, commands.USAGE)
          for x in entry(str(code), prose(commands.EXIT_CODES[code]))),
        ".SH EXAMPLES", *_example("iipastro convert g.fits r.fits i.fits -o m101.ptif"),
        *_example("iipastro convert mosaic.fits -o mosaic.ptif --mosaic detsec"),
        *_example("iipastro convert i.fits r.fits g.fits -o poster.ptif --sample uint8"),
        *also("iipastro(8)"),
    )  # fmt: skip


# ---- iipastro.ini(5)


def ini_page() -> str:
    """Return the page of the settings."""
    return page(
        "iipastro.ini", 5, "settings of iipastro",
        ".SH SYNOPSIS", italic("/etc/iipastro/iipastro.ini"), ".br",
        italic("/etc/iipastro/conf.d/*.ini"),
        ".SH DESCRIPTION",
        prose("A setting is looked up in this order, and what comes later wins: its default, "
              "iipastro.ini, the files of conf.d in alphabetical order, the environment variable "
              "of iipsrv, the command line (`--set section.key=value`). `iipastro print-config` "
              "shows every value and where it comes from; `iipastro configtest` says whether all "
              "is well; `iipastro reload` lets a running server take over what was changed."),
        ".PP",
        prose("The files have sections and lines `key = value`. Comments begin with ; or # at the "
              "start of a line or after a blank. Sizes take K, M and G, which are powers of 1024; "
              "times take ms, s, m and h; lists are written with commas. A misspelt name, a value "
              "of the wrong kind or out of range, and a setting written twice in a file are "
              "errors, named by file and line."),
        *_sections(),
        *_files(),
        *also("iipastro(8)", "iipsrv.fcgi(8)"),
    )  # fmt: skip


def _sections() -> Iterator[str]:
    for section, kind in sections_of(Config).items():
        yield f".SH [{section}]"
        yield prose(inspect.getdoc(kind) or "")
        for key, row in rows_of(kind).items():
            default = italic(row.default) if row.default else "empty"
            yield from entry(f"{bold(key)} = {default}", prose(f"{row.help} Takes "
                                                              f"{row.reader.takes}."))  # fmt: skip
            if row.variable is not None:
                yield f"Variable: {bold(row.variable.name)}."


PAGES: dict[str, Callable[[], str]] = {
    "docs/man/iipastro.8": iipastro_page,
    "docs/man/iipsrv.fcgi.8": iipsrv_page,
    "docs/man/iipastro-convert.1": convert_page,
    "docs/man/iipastro.ini.5": ini_page,
}
