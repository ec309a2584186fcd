"""What `run` does before there is a process; tests/integration has the rest."""

from __future__ import annotations

import logging
import signal

import pytest

from iipastro import daemon
from iipastro.daemon.worker import Limits


@pytest.fixture
def handlers_as_before():
    numbers = (*daemon._STOPS, *daemon._UNUSED)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers_as_before")
def test_without_a_socket_nothing_is_prepared_and_the_status_is_1(tmp_path, caplog):
    def never():
        raise AssertionError

    options = daemon.Options(f"unix:{tmp_path}/no/s", 0o660, 1, 1, 1.0, Limits(1.0, 1))
    with caplog.at_level(logging.ERROR, "iipastro"):
        assert daemon.run(options, never, never) == 1
    assert "No such file or directory" in caplog.text
