"""The parts that need no other process; tests/integration has the rest."""

from __future__ import annotations

import os
import signal

import pytest

from iipastro.daemon import worker
from iipastro.daemon.scoreboard import Scoreboard, State
from iipastro.daemon.signals import Wakeup
from iipastro.daemon.worker import Duty


@pytest.fixture
def wakeup():
    with Wakeup([signal.SIGTERM, signal.SIGUSR1]) as opened:
        yield opened


def leaves(wakeup, woken, reopened):
    return worker._leaves(Duty(None, None, lambda: reopened.append(1)), wakeup, woken)


def test_term_says_leave_and_usr1_says_reopen(wakeup):
    reopened, woken = [], {wakeup.fileno()}
    signal.raise_signal(signal.SIGUSR1)
    assert leaves(wakeup, woken, reopened) is False
    assert reopened == [1]
    signal.raise_signal(signal.SIGTERM)
    assert leaves(wakeup, woken, reopened) is True
    assert reopened == [1]


def test_a_turn_without_a_signal_says_nothing(wakeup):
    assert leaves(wakeup, set(), []) is False


@pytest.mark.parametrize("listens", [True, False])
def test_an_arbiter_that_does_not_listen_stops_no_worker(listens):
    out, into = os.pipe2(os.O_NONBLOCK)
    slot = Scoreboard(2).take(0)
    if not listens:
        os.close(out)
    worker._tell(slot, State.READY, into)
    assert slot.state == State.READY
    if listens:
        assert os.read(out, 9) == b"\n"
        os.close(out)
    os.close(into)
