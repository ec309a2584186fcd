from __future__ import annotations

import os
import signal

import pytest

from iipastro.daemon.signals import Wakeup, held_back

USR1, USR2 = signal.SIGUSR1, signal.SIGUSR2


@pytest.fixture
def wakeup():
    with Wakeup([USR1, USR2]) as opened:
        yield opened


def test_a_signal_waits_until_it_is_taken(wakeup):
    assert wakeup.take() == set()
    os.kill(os.getpid(), USR1)
    assert wakeup.wait(5) == {USR1}
    assert wakeup.take() == set()


def test_several_signals_are_taken_together(wakeup):
    for number in (USR1, USR2, USR1):
        os.kill(os.getpid(), number)
    assert wakeup.take() == {USR1, USR2}


def test_the_descriptor_can_be_read_when_there_is_a_signal(wakeup):
    os.kill(os.getpid(), USR2)
    assert os.read(wakeup.fileno(), 10) == bytes([USR2])


def test_waiting_ends_without_a_signal(wakeup):
    assert wakeup.wait(0.001) == set()


def test_the_handlers_before_come_back():
    before = signal.getsignal(USR1)
    with Wakeup([USR1]):
        assert signal.getsignal(USR1) is not before
    assert signal.getsignal(USR1) is before
    assert signal.set_wakeup_fd(-1) == -1


def test_a_signal_that_is_held_back_comes_after_the_block(wakeup):
    with held_back([USR1]):
        signal.raise_signal(USR1)  # for this thread: another test's might not hold it back
        assert wakeup.take() == set()
    assert wakeup.take() == {USR1}
