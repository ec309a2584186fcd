"""The lines of the logs: printable ASCII, whatever a client has sent."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping

from ..errors import printable

NOTICE = 25  # between info and warning: what an administrator wants to see of a healthy service
LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "notice": NOTICE,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}

_STRANGE = re.compile(r"[^ !#-\[\]-~]")  # all but printable ASCII, and the quote and the backslash
_FORMATTER = logging.Formatter()


def stamped(moment: float, name: str, process: int, text: str) -> str:
    """Return the line of an event: time in UTC, level, process and text."""
    seconds = int(moment)
    milliseconds = int((moment - seconds) * 1000)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{stamp}.{milliseconds:03d}Z {name} [{process}] {printable(text)}"


def event_text(record: logging.LogRecord) -> str:
    """Return the message of an event, printable, with the traceback if it has one."""
    text = _message(record)
    if record.exc_info:
        text += " | " + _FORMATTER.formatException(record.exc_info).replace("\n", " | ")
    return printable(text)


def _message(record: logging.LogRecord) -> str:
    """Return the message of an event; one whose arguments do not fit is written without them."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def access_line(
    environ: Mapping[str, str], status: int, size: int, seconds: float, moment: float
) -> str:
    """Return the line of a request: nginx's combined format, and the seconds it took.

    Parameters
    ----------
    environ : CGI variables, a byte per character.
    size : of the body, in bytes.
    moment : of the answer, in seconds of the epoch; written in local time.
    """
    when = time.strftime("%d/%b/%Y:%H:%M:%S %z", time.localtime(moment))
    request = " ".join(
        (
            environ.get("REQUEST_METHOD", "GET"),
            request_target(environ),
            environ.get("SERVER_PROTOCOL", "HTTP/1.0"),
        )
    )
    user, referer, agent = (
        escaped(environ.get(name) or "-")
        for name in ("REMOTE_USER", "HTTP_REFERER", "HTTP_USER_AGENT")
    )
    return (
        f"{escaped(environ.get('REMOTE_ADDR') or '-')} - {user.replace(' ', '_')} [{when}]"
        f' "{escaped(request)}" {status} {size} "{referer}" "{agent}" {seconds:.6f}'
    )


def request_target(environ: Mapping[str, str]) -> str:
    """Return what was asked for, as the client wrote it where the web server tells."""
    target = environ.get("REQUEST_URI")
    if target:
        return target
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path or "-"


def escaped(text: str) -> str:
    """Return `text` as nginx does: a code for quotes, backslashes and what is not printable."""
    return _STRANGE.sub(lambda match: f"\\x{ord(match[0]):02X}", text)
