"""The options of the commands for a running server."""

from __future__ import annotations

from iipastro.control.options import ROWS


def test_only_those_that_are_answered_over_the_socket_take_another_one():
    assert [name for name, _, options in ROWS if "--connect" in [o[0] for o in options]] == [
        "status",
        "ping",
    ]
