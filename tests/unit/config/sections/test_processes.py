"""The defaults of processes."""

from __future__ import annotations

from iipastro.config import Config


def test_the_socket_is_that_of_operations():
    server = Config().server
    assert server.backlog == 2048  # iipsrv's own
    assert server.listen_mode == 0o660
    assert server.send_timeout == 30.0
