"""Settings of how the program runs: processes and sockets."""

from __future__ import annotations

from dataclasses import dataclass

from .. import readers as read
from ..setting import Variable, setting


@dataclass(frozen=True)
class Server:
    """Processes and the socket they answer on."""

    listen: str = setting(
        "unix:/run/iipastro/iipastro.sock",
        read.LISTEN,
        "Where the web server finds us. fd:0 is the socket that spawn-fcgi or mod_fcgid passes on.",
    )
    listen_mode: int = setting("0660", read.OCTAL_MODE, "Permissions of the unix socket.")
    backlog: int = setting(
        "2048", read.number(1, 65535), "Connections that may wait to be accepted."
    )
    workers: int = setting(
        "auto", read.WORKERS, "Worker processes. auto: one per core.", Variable("WORKERS")
    )
    graceful_timeout: float = setting(
        "30s", read.seconds("0s", "1h"), "How long a stop waits for running requests."
    )
    send_timeout: float = setting(
        "30s",
        read.seconds("10ms", "1h"),
        "How long a web server that takes no data may hold a worker.",
    )
