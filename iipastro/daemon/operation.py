"""From a configuration to a plan of work, at the start and again for each reload."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..config import Config, ConfigError
from ..config.host import shortcomings_of_reload, unusable_root
from ..config.sections.sight import Status
from ..log import NOTICE, Logs, open_logs
from .arbiter import Plan
from .connection import Responder
from .judge import Times
from .loop import Limits
from .scoreboard import Scoreboard, Slot
from .status import status_line
from .watch import Sight, watched
from .worker import Duty, work

if TYPE_CHECKING:
    from ..handlers.service import Shared

_FIXED = ("listen", "listen_mode", "backlog", "user", "pid_file")  # until the next start

_log = logging.getLogger("iipastro")


class Operation:
    """Makes plans, and holds the logs that are open.

    Parameters
    ----------
    config : as the server starts.
    load : reads it anew.  Raises ConfigError.
    """

    def __init__(self, config: Config, load: Callable[[], Config], board: Scoreboard):
        self._config = config
        self._load = load
        self._board = board
        self._logs = Logs(None, ())  # until the first plan is entered

    def plan(self, config: Config) -> Plan:
        """Return how workers work under a configuration.  Raises ConfigError."""
        from ..handlers.service import share  # noqa: PLC0415  NumPy, which reads variables

        server, shared = config.server, share(config)
        limits = Limits(server.send_timeout, config.limits.body_bytes + 1, server.max_requests)
        return Plan(
            server.workers,
            server.graceful_timeout,
            Times(server.request_timeout, server.slow_request),
            partial(work, Duty(partial(self._build, config, shared), limits, self.reopen)),
            partial(self._enter, config),
            shared.exports.follow,
        )

    def reload(self) -> Plan | None:
        """Return the plan of the configuration as it is now; None: it is wrong, which is said."""
        try:
            config = self._load()
            for line in unusable_root(config.images.root):
                raise ConfigError(line)
            plan = self.plan(config)
        except ConfigError as error:
            _log.error("the configuration stays as it was: %s", error)
            return None
        for line in shortcomings_of_reload(config):
            _log.warning("the new configuration: %s", line)
        for name in _FIXED:
            if getattr(config.server, name) != getattr(self._config.server, name):
                _log.warning("[server] %s stays as it was: it needs a restart", name)
        return plan

    def reopen(self) -> None:
        """Open the logs anew, by their names."""
        self._logs.reopen()

    def report(self) -> None:
        """Write the status to the error log."""
        _log.log(NOTICE, "%s", status_line(self._board))

    def _enter(self, config: Config) -> None:
        """Open the logs of a configuration, and close those of the one before."""
        before = self._logs
        names = config.log
        self._logs = open_logs(names.level, names.error_log, names.access_log, names.slow_log)
        before.close()

    def _build(self, config: Config, shared: Shared, slot: Slot) -> Responder:
        """Return what answers requests in one worker."""
        from ..handlers.service import build_service  # noqa: PLC0415  NumPy, which reads variables
        from ..wsgi import respond  # noqa: PLC0415

        service = build_service(config, shared)
        counts = service.answers.counts
        sight = Sight(
            self._board,
            slot,
            self._logs,
            pages_of(config.status),
            config.server.slow_request,
            lambda: (counts.memory, counts.memcached, counts.misses),
        )
        return watched(lambda environ, body: respond(environ, body, service), sight)


def pages_of(status: Status) -> dict[str, str]:
    """Return which of our pages is at which path."""
    pages = ((status.path, "status"), (status.ping_path, "ping"))
    return {path: page for path, page in pages if path}
