"""What is written about the service: events, requests, slow requests.  It never stops the service.

Each is one line, written at once, to stderr, a file or syslog.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from .lines import LEVELS, NOTICE, event_text, stamped
from .targets import Complain, Target, complain_on_stderr, to_stderr, to_target

__all__ = ["LEVELS", "NOTICE", "SLOW", "Logs", "configure", "open_logs"]

_EVENTS = "iipastro"
SLOW = "iipastro.slow"  # the logger of requests that take long
_NAMES = {number: name for name, number in LEVELS.items()}


@dataclass(frozen=True)
class Logs:
    """The open logs of a process and of those that it forks."""

    access: Target | None  # requests are written here; all else goes through loggers
    targets: tuple[Target, ...]

    def reopen(self) -> None:
        """Open files anew by their names: somebody may have moved the old ones away."""
        for target in self.targets:
            target.reopen()

    def close(self) -> None:
        """Let go of the files.  Events that still come go to stderr."""
        for target in self.targets:
            target.close()


def configure(level: str, target: str) -> Target:
    """Send what the logger `iipastro` gets, from `level` up, to a target as [log] names it.

    What the target does not take goes to stderr.  May be called again: the old
    target is closed.
    """
    logger = logging.getLogger(_EVENTS)
    logger.setLevel(LEVELS[level])
    return _attach(logger, target, complain_on_stderr)


def open_logs(level: str, error_log: str, access_log: str, slow_log: str) -> Logs:
    """Open the logs that the settings of [log] name, for the loggers `iipastro` and its `slow`.

    What keeps one from being written is told in the error log, and that of the
    error log on stderr.
    """
    targets = [configure(level, error_log)]
    access = None if access_log == "off" else to_target(access_log, _complain)
    if access is not None:
        targets.append(access)
    slow = logging.getLogger(SLOW)
    slow.setLevel(NOTICE)  # whoever wants few events wants these all the same
    _detach(slow)
    slow.propagate = slow_log == "error_log"
    if slow_log == "off":
        slow.addHandler(logging.NullHandler())
    elif slow_log != "error_log":
        targets.append(_attach(slow, slow_log, _complain))
    return Logs(access, tuple(targets))


def _attach(logger: logging.Logger, name: str, complain: Complain) -> Target:
    _detach(logger)
    logger.propagate = False
    target = to_target(name, complain)
    logger.addHandler(LineHandler(target))
    return target


def _detach(logger: logging.Logger) -> None:
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        handler.close()


class LineHandler(logging.Handler):
    """Brings the events of a logger to a target, and to stderr if that takes none."""

    def __init__(self, target: Target):
        super().__init__()
        self.target = target
        self._last_resort = to_stderr()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the event."""
        text = event_text(record)
        name = _NAMES.get(record.levelno, str(record.levelno))
        line = stamped(record.created, name, record.process or 0, text)
        if not self.target.write(line, text, record.levelno):
            self._last_resort.write(line, text, record.levelno)

    def close(self) -> None:
        """Let go of the target."""
        super().close()
        self.target.close()


def _complain(message: str) -> None:
    logging.getLogger(_EVENTS).error("%s", message)
