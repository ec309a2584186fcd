"""Settings of what can be seen of the service: logs and the status page."""

from __future__ import annotations

from dataclasses import dataclass

from .. import environment as env
from .. import readers as read
from ..setting import Variable, setting


@dataclass(frozen=True)
class Log:
    """What is written about the service. USR1 (`iipastro reopen`) opens the files anew."""

    level: str = setting(
        "notice",
        read.words("debug", "info", "notice", "warning", "error"),
        "The least important events that are written.",
        Variable("VERBOSITY", env.level),
    )
    error_log: str = setting(
        "stderr",
        read.LOG_TARGET,
        "Where events are written. What it does not take goes to stderr.",
        Variable("LOGFILE", env.log_target),
    )
    access_log: str = setting(
        "off",
        read.ACCESS_LOG,
        "Where each request is written: nginx's combined format, and the seconds it took.",
    )
    slow_log: str = setting(
        "error_log",
        read.SLOW_LOG,
        "Where requests are written that take longer than [server] slow_request.",
    )


@dataclass(frozen=True)
class Status:
    """Pages about the service, for whoever the web server lets ask for them."""

    path: str = setting(
        "",
        read.URL_PATH,
        "The path (SCRIPT_NAME) of the status page: text, ?json or ?openmetrics. Empty: none.",
    )
    ping_path: str = setting(
        "", read.URL_PATH, "The path of a page that a worker answers with pong. Empty: none."
    )
