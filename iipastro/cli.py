"""The command `iipastro`: a table of subcommands, and a function for each (operations.md 2)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from . import __version__, log
from .config import Config, ConfigError, Loaded, load_config, system_files
from .config.host import raise_descriptor_limit, shortcomings
from .config.reference import as_ini
from .control.options import ROWS as CONTROL_ROWS
from .convert.options import ROWS as CONVERT_ROWS
from .errors import Refused, printable
from .response import reason
from .vector.options import ROWS as REGIONS_ROWS

OK, FAILURE, USAGE = 0, 1, 2
BAD_CONFIGURATION, INTERRUPTED = 78, 130  # EX_CONFIG of sysexits.h; 128 + SIGINT, as in a shell
EXIT_CODES = {
    OK: "Done.",
    FAILURE: "It did not work; the message says why.",
    USAGE: "The command line was not understood.",
    BAD_CONFIGURATION: "The configuration cannot be used; the message says where and why.",
    INTERRUPTED: "Interrupted from the terminal.",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand and return its exit code.  Raises SystemExit for a wrong command line."""
    words = list(sys.argv[1:] if argv is None else argv)
    words[:1] = [ALIASES.get(word, word) for word in words[:1]]
    arguments = _parser().parse_args(words)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except ConfigError as error:
        _complain(str(error))
        return BAD_CONFIGURATION
    except BrokenPipeError:  # the reader has had enough; Python's own flush shall not say so
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def serve(arguments: argparse.Namespace) -> int:
    """Answer requests until a signal ends it."""
    from .daemon import serve as run_daemon  # noqa: PLC0415  no other command needs it

    listen = () if arguments.listen is None else (("server.listen", arguments.listen),)

    def load() -> Config:
        return _load(arguments, *listen).config

    config = load()
    log.configure(config.log.level, "stderr")  # until the daemon opens the logs
    raise_descriptor_limit()
    return run_daemon(config, load)


def configtest(arguments: argparse.Namespace) -> int:
    """Say whether the configuration can be used."""
    from .handlers.service import share  # noqa: PLC0415  NumPy: not every command needs it

    config = _load(arguments).config
    share(config)
    lines = shortcomings(config)
    for line in lines:
        _complain(f"warning: {line}")
    if lines:
        return FAILURE
    print("configuration is fine")
    return OK


def print_config(arguments: argparse.Namespace) -> int:
    """Print every value and where it comes from."""
    print(as_ini(_load(arguments)), end="")
    return OK


def query(arguments: argparse.Namespace) -> int:
    """Answer one request without a web server."""
    from .query import print_answer  # noqa: PLC0415  NumPy: not every command needs it

    config = _load(arguments).config
    log.configure(config.log.level, "stderr")
    status = print_answer(config, arguments.query, arguments.head)
    return OK if status == 200 else _fail(f"{status} {reason(status)}")


def purge(arguments: argparse.Namespace) -> int:
    """Make every cache forget images."""
    from .images.purge import purge as purge_image  # noqa: PLC0415  NumPy, as above

    images = _load(arguments).config.images
    code = OK
    for name in arguments.image:
        try:
            count = purge_image(
                images.root, name, images.suffix, images.sequence_pattern, images.follow_symlinks
            )
        except Refused as error:
            code = _fail(f"{name}: {error}")
        except OSError as error:
            code = _fail(
                f"{name}: its time cannot be changed: {error.strerror}; run this as the owner of"
                " the file, or change [cache] salt, which makes all images be made anew"
            )
        else:
            print(f"{name}: {count} file{'s' * (count > 1)}")
    return code


def check(arguments: argparse.Namespace) -> int:
    """Tell the facts of an image, and what may go wrong with it."""
    from .check import check_image  # noqa: PLC0415  images: not every command needs them

    try:
        report = check_image(arguments.image)
    except Refused as error:
        return _fail(f"{arguments.image} cannot be served: {error}")
    except OSError as error:
        return _fail(f"{arguments.image} cannot be opened: {error.strerror}")
    for name, text in report.facts:
        print(f"{name:<20} {text}")
    for text in report.warnings:
        print(f"warning: {text}")
    return OK


def convert(arguments: argparse.Namespace) -> int:
    """Make a pyramid of FITS files."""
    from .convert.command import run_command  # noqa: PLC0415  no other command needs it

    return run_command(arguments)


def regions(arguments: argparse.Namespace) -> int:
    """Make GeoJSON of a catalogue or of regions."""
    from .vector.command import run_command  # noqa: PLC0415  no other command needs it

    return run_command(arguments)


def control(arguments: argparse.Namespace) -> int:
    """Ask the running server, or tell it what to do."""
    from .control.command import ACTIONS, Failed  # noqa: PLC0415  no other command needs it

    try:
        ACTIONS[arguments.command](_load(arguments).config, arguments)
    except Failed as error:
        return _fail(str(error))
    return OK


def client_install(arguments: argparse.Namespace) -> int:
    """Copy the pages that show images into a folder."""
    from .client import run_command  # noqa: PLC0415  no other command needs it

    return run_command(arguments)


def version(_: argparse.Namespace) -> int:
    """Print the version."""
    print(f"iipastro {__version__}")
    return OK


def demo(arguments: argparse.Namespace) -> int:
    """Make an image of the sky and show it on a page."""
    from .demo import run_demo  # noqa: PLC0415  it brings an HTTP server

    return run_demo(arguments.folder, arguments.port)


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
        serve,
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
    Command("configtest", configtest, "Say whether the configuration can be used.", _CONFIG),
    Command("print-config", print_config, "Print every value and where it comes from.", _CONFIG),
    Command(
        "query",
        query,
        "Answer one request without a web server: the body goes to standard output.",
        (
            Option("query", 'The query string, such as "FIF=sky.ptif&JTL=0,0".'),
            Option("--head", "Print the status and the headers first.", {"action": "store_true"}),
            *_CONFIG,
        ),
    ),
    Command(
        "purge",
        purge,
        "Make every cache forget images: the time of their files becomes now.",
        (
            Option("image", "A name, as behind FIF=.", {"metavar": "IMAGE", "nargs": "+"}),
            *_CONFIG,
        ),
    ),
    Command(
        "check",
        check,
        "Tell the facts of an image file, and what may go wrong with it.",
        (Option("image", "The path of the file.", {"metavar": "IMAGE"}),),
    ),
    Command(
        "convert",
        convert,
        "Convert FITS files into a pyramid that the server likes.",
        tuple(Option(*row) for row in CONVERT_ROWS),
    ),
    Command(
        "regions",
        regions,
        "Make a GeoJSON overlay of a catalogue (CSV, FITS, VOTable) or of ds9's regions.",
        tuple(Option(*row) for row in REGIONS_ROWS),
    ),
    *(
        Command(name, control, help_text, (*(Option(*row) for row in rows), *_CONFIG))
        for name, help_text, rows in CONTROL_ROWS
    ),
    Command(
        "client-install",
        client_install,
        "Copy the pages that show images next to the files of a web server.",
        (Option("folder", "Where they go; made if it is not there.", {"metavar": "DIR"}),),
    ),
    Command("version", version, "Print the version."),
    Command(
        "demo",
        demo,
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


# ---- what the subcommands share


def _load(arguments: argparse.Namespace, *overrides: tuple[str, str]) -> Loaded:
    """Read the configuration of a command line; `overrides` are above its own."""
    files = system_files() if arguments.config is None else [arguments.config]
    return load_config(files, os.environ, dict([*(arguments.set or ()), *overrides]))


def _fail(message: str) -> int:
    _complain(message)
    return FAILURE


def _complain(message: str) -> None:
    print(f"iipastro: {printable(message)}", file=sys.stderr)
