"""The commands for a running server and their options, as `cli` takes them: words alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_Option = tuple[str, str, Mapping[str, Any]]  # its name, its help, and the rest for argparse

_CONNECT: _Option = (
    "--connect",
    "Ask this socket, not that of [server] listen.",
    {"metavar": "unix:PATH|HOST:PORT"},
)

ROWS: tuple[tuple[str, str, tuple[_Option, ...]], ...] = (
    (
        "status",
        "Print the status page of the running server.",
        (
            ("--json", "Print it as JSON.", {"action": "store_true"}),
            ("--openmetrics", "Print it as OpenMetrics.", {"action": "store_true"}),
            _CONNECT,
        ),
    ),
    ("ping", "Say whether a worker answers.", (_CONNECT,)),
    (
        "reload",
        "Let the running server read its configuration anew, after a look whether it can be used.",
        (),
    ),
    ("reopen", "Let the running server open its logs anew.", ()),
    (
        "stop",
        "Stop the running server and wait for its end. Running requests have their grace.",
        (),
    ),
)

SIGNALS = (  # what a running server does at each (operations.md 2)
    ("TERM", "Stop gracefully: running requests have `graceful_timeout`. `iipastro stop`."),
    ("INT, QUIT", "Stop now."),
    (
        "HUP",
        (
            "Read the configuration anew. New workers start; when they are ready, the old ones"
            " finish what they do. One with errors is told in the error log, and changes nothing."
            " `iipastro reload`."
        ),
    ),
    ("USR1", "Open the logs anew, by their names. `iipastro reopen`."),
    ("USR2", "Write the status to the error log."),
    ("TTIN, TTOU", "One worker more, one worker fewer."),
)
