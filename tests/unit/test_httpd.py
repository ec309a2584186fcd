"""What needs no socket; tests/integration/test_listening.py starts the front."""

from __future__ import annotations

import signal

import pytest

from iipastro import httpd


def test_a_signal_ends_the_loop_as_an_interrupt_does():
    with pytest.raises(KeyboardInterrupt):
        httpd._stop(signal.SIGTERM, None)
