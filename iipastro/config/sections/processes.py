"""Settings of how the program runs: processes and sockets."""

from __future__ import annotations

from dataclasses import dataclass

from .. import environment as env
from .. import readers as read
from ..setting import Variable, setting


@dataclass(frozen=True)
class Server:
    """Processes and the socket they answer on."""

    listen: str = setting(
        "unix:/run/iipastro/iipastro.sock",
        read.LISTEN,
        "Where the web server finds us. fd:0 is the socket that spawn-fcgi or mod_fcgid passes on, "
        "systemd that of a socket unit.",
    )
    listen_mode: int = setting("0660", read.OCTAL_MODE, "Permissions of the unix socket.")
    backlog: int = setting(
        "2048", read.number(1, 65535), "Connections that may wait to be accepted."
    )
    workers: int = setting(
        "auto", read.WORKERS, "Worker processes. auto: one per core.", Variable("WORKERS")
    )
    max_requests: int = setting(
        "100000",
        read.number(0, 10**9),
        "Requests after which a worker is replaced, and up to a tenth more. 0: never.",
    )
    request_timeout: float = setting(
        "30s",
        read.seconds("100ms", "24h"),
        "How long one request may take: then its worker writes its stack, is killed and replaced.",
    )
    slow_request: float = setting(
        "2s",
        read.seconds("0s", "24h"),
        "From when on a request is slow: its stack and its line go to the slow log. 0s: none is.",
    )
    graceful_timeout: float = setting(
        "30s", read.seconds("0s", "1h"), "How long a stop waits for running requests."
    )
    send_timeout: float = setting(
        "30s",
        read.seconds("10ms", "1h"),
        "How long a web server that takes no data may hold a worker.",
    )
    user: str = setting(
        "iipastro",
        read.matching(r"[A-Za-z_][A-Za-z0-9_.-]*", "the name of a user"),
        "Whom root becomes when the socket is open. root: it serves itself, which is not safe. "
        "Without a meaning if started as another user.",
        Variable("IIPASTRO_USER", env.unless_empty),
    )
    pid_file: str = setting(
        "/run/iipastro/iipastro.pid",
        read.matching("|/.+", "an absolute path, or nothing"),
        "Where the number of the process is, for reload, reopen and stop. Empty: nowhere.",
    )
