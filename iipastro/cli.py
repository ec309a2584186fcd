"""The command `iipastro`: a table of subcommands (operations.md 2)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from . import commands
from .commands import BAD_CONFIGURATION, FAILURE, INTERRUPTED
from .config import ConfigError
from .control.options import ROWS as CONTROL_ROWS
from .convert.options import ROWS as CONVERT_ROWS
from .vector.options import ROWS as REGIONS_ROWS


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand and return its exit code.  Raises SystemExit for a wrong command line."""
    words = list(sys.argv[1:] if argv is None else argv)
    words[:1] = [ALIASES.get(word, word) for word in words[:1]]
    arguments = _parser().parse_args(words)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except ConfigError as error:
        commands.complain(str(error))
        return BAD_CONFIGURATION
    except BrokenPipeError:  # the reader has had enough; Python's own flush shall not say so
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


# ---- the table


class Option(NamedTuple):
    """An option or argument of a subcommand."""

    name: str
    help: str
    more: Mapping[str, Any] = {}  # for argparse


class Command(NamedTuple):
    """A subcommand."""

    name: str
    run: Callable[[argparse.Namespace], int]
    help: str
    options: tuple[Option, ...] = ()


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or "." not in name:
        raise argparse.ArgumentTypeError("expected section.key=value")
    return name, value


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        raise argparse.ArgumentTypeError("expected a port from 1 to 65535")
    return int(text)


_CONFIG = (
    Option("--config", "Read this file instead of those in /etc/iipastro.", {"metavar": "FILE"}),
    Option(
        "--set",
        "Set one value, above files and environment. May be repeated.",
        {"metavar": "SECTION.KEY=VALUE", "action": "append", "type": _assignment},
    ),
)

COMMANDS = (
    Command(
        "serve",
        commands.serve,
        "Serve images over FastCGI until a signal ends it.",
        (
            *_CONFIG,
            Option(
                "--listen",
                "The socket, as in [server] listen.",
                {"metavar": "unix:PATH|HOST:PORT|fd:0|systemd"},
            ),
        ),
    ),
    Command(
        "configtest", commands.configtest, "Say whether the configuration can be used.", _CONFIG
    ),
    Command(
        "print-config", commands.print_config, "Print every value and where it comes from.", _CONFIG
    ),
    Command(
        "query",
        commands.query,
        "Answer one request without a web server: the body goes to standard output.",
        (
            Option("query", 'The query string, such as "FIF=sky.ptif&JTL=0,0".'),
            Option("--head", "Print the status and the headers first.", {"action": "store_true"}),
            *_CONFIG,
        ),
    ),
    Command(
        "purge",
        commands.purge,
        "Make every cache forget images: the time of their files becomes now.",
        (
            Option("image", "A name, as behind FIF=.", {"metavar": "IMAGE", "nargs": "+"}),
            *_CONFIG,
        ),
    ),
    Command(
        "check",
        commands.check,
        "Tell the facts of an image file, and what may go wrong with it.",
        (Option("image", "The path of the file.", {"metavar": "IMAGE"}),),
    ),
    Command(
        "convert",
        commands.convert,
        "Convert FITS files into a pyramid that the server likes.",
        tuple(Option(*row) for row in CONVERT_ROWS),
    ),
    Command(
        "regions",
        commands.regions,
        "Make a GeoJSON overlay of a catalogue (CSV, FITS, VOTable) or of ds9's regions.",
        tuple(Option(*row) for row in REGIONS_ROWS),
    ),
    *(
        Command(name, commands.control, help_text, (*(Option(*row) for row in rows), *_CONFIG))
        for name, help_text, rows in CONTROL_ROWS
    ),
    Command(
        "client-install",
        commands.client_install,
        "Copy the pages that show images next to the files of a web server.",
        (Option("folder", "Where they go; made if it is not there.", {"metavar": "DIR"}),),
    ),
    Command("version", commands.version, "Print the version."),
    Command(
        "demo",
        commands.demo,
        "Make images of the sky and show them on a page of this machine.",
        (
            Option(
                "--port",
                "The port of the page. Default: 8080.",
                {"metavar": "PORT", "type": _port, "default": 8080},
            ),
            Option(
                "--folder",
                "Where the images are made and kept. Default: build/demo.",
                {"metavar": "FOLDER", "default": "build/demo"},
            ),
        ),
    ),
)
ALIASES = {"-t": "configtest", "-T": "print-config", "--version": "version"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="iipastro", description="Serves huge astronomical images to web pages."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        one = commands.add_parser(command.name, help=command.help, description=command.help)
        one.set_defaults(run=command.run, command=command.name)
        for option in command.options:
            one.add_argument(option.name, help=option.help, **option.more)
    return parser
