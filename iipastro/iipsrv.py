"""The command `iipsrv.fcgi`: our server, started in the ways in which iipsrv is (spec 1.1, 8)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from . import log
from .config import Config, ConfigError, load_config, system_files
from .config.host import raise_descriptor_limit

_OURS = {"server.workers": "1", "server.pid_file": ""}  # where iipsrv has other defaults
FAILURE, BAD_CONFIGURATION, INTERRUPTED = 1, 78, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to stop; return the exit status.

    Without `--bind`, requests come through the socket on descriptor 0.  Raises
    SystemExit for a wrong command line.
    """
    try:
        return _serve(argv)
    except KeyboardInterrupt:  # before the daemon takes care of signals
        return INTERRUPTED


def _serve(argv: Sequence[str] | None) -> int:
    _keep_standard_descriptors()
    arguments = _parser().parse_args(argv)

    def load() -> Config:
        return _configuration(_overrides(arguments.bind, arguments.backlog))

    try:
        config = load()
    except ConfigError as error:
        return _fail(str(error), BAD_CONFIGURATION)
    from .daemon import serve  # noqa: PLC0415  a wrong configuration is told without it
    from .daemon.sockets import is_listening  # noqa: PLC0415

    if arguments.bind is None and not is_listening(0):
        return _fail(
            "descriptor 0 is no listening socket: start this program from a web server or "
            "spawn-fcgi, or with --bind HOST:PORT or --bind PATH",
            FAILURE,
        )
    log.configure(config.log.level, "stderr")  # until the daemon opens the logs
    raise_descriptor_limit()
    try:
        return serve(config, load)
    except ConfigError as error:  # in what the settings name
        return _fail(str(error), BAD_CONFIGURATION)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="iipsrv.fcgi",
        description="Serve images over FastCGI, as iipsrv does.",
        allow_abbrev=False,
    )
    parser.add_argument("--bind", metavar="HOST:PORT|PATH", help="listen here, not on descriptor 0")
    parser.add_argument("--backlog", metavar="N", help="connections that may wait")
    return parser


def _configuration(overrides: dict[str, str]) -> Config:
    """Return the configuration.  Like iipsrv we are one process, unless told otherwise."""
    files = system_files()
    loaded = load_config(files, os.environ, overrides)
    ours = {name: text for name, text in _OURS.items() if loaded.origins[name] == "default"}
    return load_config(files, os.environ, {**overrides, **ours}).config


def _overrides(bind: str | None, backlog: str | None) -> dict[str, str]:
    listen = {"server.listen": "fd:0" if bind is None else address(bind)}
    return listen if backlog is None else {**listen, "server.backlog": backlog}


def address(bind: str) -> str:
    """Return what `--bind` means, as the setting `listen` has it.

    `:9000` is every address of this host; what has no port is the path of a socket.
    """
    host, _, port = bind.rpartition(":")
    if port.isdigit() and port.isascii() and "/" not in host and bind != port:
        return f"{host or '*'}:{port}"
    return "unix:" + os.path.abspath(bind.removeprefix("unix:"))


def _keep_standard_descriptors() -> None:
    """Fill the gaps: FastCGI lets a web server start us with descriptor 0 alone (2.2).

    Otherwise the next socket would be number 2, and the log would go into it.
    """
    while True:
        descriptor = os.open(os.devnull, os.O_RDWR)
        if descriptor > 2:
            os.close(descriptor)
            return
        os.set_inheritable(descriptor, True)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"iipsrv.fcgi: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
