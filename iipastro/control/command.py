"""The commands for a running server: by signals, or over its own socket (operations.md 2)."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping

from ..config import Config
from ..daemon.client import NoAnswer, ask
from ..daemon.pidfile import running
from ..daemon.watch import PAGE

_ASK_SECONDS = 10.0
_BEYOND_GRACE = 5.0  # seconds: what a stop may take after the last request


class Failed(Exception):
    """It did not work; the message says why."""


def status(config: Config, arguments: argparse.Namespace) -> None:
    """Print the status page.  Raises Failed."""
    form = next((name for name in ("json", "openmetrics") if getattr(arguments, name)), "text")
    _show("status", form, arguments.connect or config.server.listen)


def ping(config: Config, arguments: argparse.Namespace) -> None:
    """Print what a worker answers.  Raises Failed."""
    _show("ping", "", arguments.connect or config.server.listen)


def reload(config: Config, _: argparse.Namespace) -> None:
    """Let the server take over its configuration.  Raises Failed."""
    _tell(config, signal.SIGHUP)


def reopen(config: Config, _: argparse.Namespace) -> None:
    """Let the server open its logs anew.  Raises Failed."""
    _tell(config, signal.SIGUSR1)


def stop(config: Config, _: argparse.Namespace) -> None:
    """Stop the server and wait for it: running requests have their grace.  Raises Failed."""
    process = _tell(config, signal.SIGTERM)
    patience = config.server.graceful_timeout + _BEYOND_GRACE
    end = time.monotonic() + patience
    while _running(config.server.pid_file) == process:
        if time.monotonic() > end:
            raise Failed(
                f"process {process} was told to stop {patience:g} s ago, and is still there"
            )
        time.sleep(0.05)


ACTIONS: Mapping[str, Callable[[Config, argparse.Namespace], None]] = {
    "status": status,
    "ping": ping,
    "reload": reload,
    "reopen": reopen,
    "stop": stop,
}


def _show(page: str, form: str, listen: str) -> None:
    variables = {"REQUEST_METHOD": "GET", "QUERY_STRING": form, PAGE: page}
    try:
        answer = ask(listen, variables, _ASK_SECONDS)
    except NoAnswer as error:
        raise Failed(str(error)) from error
    if answer.status != 200:
        raise Failed(f"the server answered with status {answer.status}")
    sys.stdout.write(answer.body.decode())


def _tell(config: Config, number: signal.Signals) -> int:
    """Send a signal to the server that holds the pid file, and return its process."""
    path = config.server.pid_file
    if not path:
        raise Failed("[server] pid_file is empty: no file says which process the server is")
    process = _running(path)
    if process is None:
        raise Failed(f"no server runs with the pid file {path}")
    try:
        os.kill(process, number)
    except OSError as error:
        raise Failed(f"cannot send a signal to process {process}: {error.strerror}") from error
    return process


def _running(path: str) -> int | None:
    try:
        return running(path)
    except OSError as error:
        raise Failed(f"{path} cannot be read: {error.strerror}") from error
