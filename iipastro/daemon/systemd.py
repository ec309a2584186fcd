"""What systemd and we tell each other: sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3).

Each is a few lines of a protocol that is promised to stay, over what the
environment names; where it names nothing, nothing is done.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Mapping

FIRST_DESCRIPTOR = 3  # of those that systemd passes on

_log = logging.getLogger("iipastro")


class Notifier:
    """Tells systemd how the service is, if it asks for that."""

    def __init__(self, environ: Mapping[str, str]):
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._interval = _interval(environ) if address else 0.0
        self._told = 0.0
        self._failing = False

    def ready(self) -> None:
        """All is up, or up again."""
        self._tell("READY=1\nSTATUS=serving")

    def reloading(self) -> None:
        """The configuration is being read again."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Running requests are being finished."""
        self._tell("STOPPING=1\nSTATUS=stopping")

    def alive(self, now: float) -> None:
        """We go round; tell so as often as is asked for."""
        if self._interval and now - self._told >= self._interval:
            self._told = now
            self._tell("WATCHDOG=1")

    def _tell(self, text: str) -> None:
        """Send without waiting: a service manager that does not listen stops no service."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.setblocking(False)
                out.sendto(text.encode(), self._address)
        except OSError as error:
            if not self._failing:  # not at each beat of the watchdog
                _log.warning("cannot notify the service manager: %s", error.strerror)
            self._failing = True
        else:
            self._failing = False


def _interval(environ: Mapping[str, str]) -> float:
    """Return how often the watchdog wants to hear of us, in seconds; 0: never.

    Half of the time after which it acts, and less than that by our longest wait.
    """
    limit = environ.get("WATCHDOG_USEC", "")
    ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(limit) / 2e6 if ours and limit.isdigit() else 0.0


def passed_sockets(environ: Mapping[str, str]) -> int:
    """Return how many sockets systemd has passed on to this process."""
    count = environ.get("LISTEN_FDS", "")
    ours = environ.get("LISTEN_PID") == str(os.getpid())
    return int(count) if ours and count.isdigit() else 0
