"""Signals end a run by an exception."""

from __future__ import annotations

import os
import signal

import pytest

from iipastro.stop import SIGNALS, Stopped, stoppable


def send(number):
    os.kill(os.getpid(), number)
    for _ in range(1000):  # Python looks for signals between its steps
        pass


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_becomes_an_exception_that_names_it(number):
    with pytest.raises(Stopped, match=f"stopped by {number.name}"), stoppable():
        send(number)


def test_a_second_signal_does_not_disturb_the_cleanup():
    cleaned = []

    def work():
        with stoppable():
            try:
                send(signal.SIGTERM)
            finally:
                send(signal.SIGTERM)
                cleaned.append(True)

    with pytest.raises(Stopped):
        work()
    assert cleaned


def test_what_was_before_is_back_afterwards():
    before = [signal.getsignal(number) for number in SIGNALS]
    with stoppable():
        assert signal.getsignal(signal.SIGTERM) not in before
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable():
            send(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
