"""What each subcommand of `iipastro` does: a function that returns the exit code."""

from __future__ import annotations

import argparse
import os
import sys

from . import __version__, log
from .config import Config, Loaded, load_config, system_files
from .config.host import raise_descriptor_limit, shortcomings, unusable_root
from .config.reference import as_ini
from .errors import Refused, printable
from .response import reason

OK, FAILURE, USAGE = 0, 1, 2
BAD_CONFIGURATION, INTERRUPTED = 78, 130  # EX_CONFIG of sysexits.h; 128 + SIGINT, as in a shell
EXIT_CODES = {
    OK: "Done.",
    FAILURE: "It did not work; the message says why.",
    USAGE: "The command line was not understood.",
    BAD_CONFIGURATION: "The configuration cannot be used; the message says where and why.",
    INTERRUPTED: "Interrupted from the terminal.",
}


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
    if _shortcomings(_load(arguments).config):
        return FAILURE
    print("configuration is fine")
    return OK


def _shortcomings(config: Config) -> list[str]:
    """Return what this machine lacks for a configuration, and say it.  Raises ConfigError."""
    from .handlers.service import share  # noqa: PLC0415  NumPy: not every command needs it

    share(config)
    lines = shortcomings(config)
    for line in lines:
        complain(f"warning: {line}")
    return lines


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
    return OK if status == 200 else fail(f"{status} {reason(status)}")


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
            code = fail(f"{name}: {error}")
        except OSError as error:
            code = fail(
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
        return fail(f"{arguments.image} cannot be served: {error}")
    except OSError as error:
        return fail(f"{arguments.image} cannot be opened: {error.strerror}")
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
    """Ask the running server, or tell it what to do; at a reload, what it would complain of."""
    from .control.command import ACTIONS, Failed  # noqa: PLC0415  no other command needs it

    config = _load(arguments).config
    if arguments.command == "reload":
        _shortcomings(config)
        if any(unusable_root(config.images.root)):
            return fail("the server is not told: it would refuse a root that it cannot use")
    try:
        ACTIONS[arguments.command](config, arguments)
    except Failed as error:
        return fail(str(error))
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


# ---- what the subcommands share


def _load(arguments: argparse.Namespace, *overrides: tuple[str, str]) -> Loaded:
    """Read the configuration of a command line; `overrides` are above its own."""
    files = system_files() if arguments.config is None else [arguments.config]
    return load_config(files, os.environ, dict([*(arguments.set or ()), *overrides]))


def fail(message: str) -> int:
    """Say what went wrong, and return the exit code."""
    complain(message)
    return FAILURE


def complain(message: str) -> None:
    """Write a line to standard error."""
    print(f"iipastro: {printable(message)}", file=sys.stderr)
