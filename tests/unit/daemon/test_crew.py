"""Real processes that do nothing much; the harness of the service is in tests/integration."""

from __future__ import annotations

import contextlib
import os
import signal
import time

import pytest

from iipastro.daemon.crew import HANDLED, REOPEN, WHOLE, Crew, Member
from iipastro.daemon.scoreboard import Scoreboard, State
from iipastro.daemon.signals import Wakeup


@pytest.fixture
def board():
    return Scoreboard(2)


@pytest.fixture
def crew(board):
    with Wakeup(HANDLED) as wakeup, Crew(wakeup, board, None) as opened:
        yield opened


def wait_for(crew, true):
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        crew.wait(0.1)


def ended(crew):
    found = []
    wait_for(crew, lambda: found.extend((m.process, code) for m, code in crew.reap()) or found)
    return found


def test_the_end_of_a_worker_is_noticed_and_its_slot_is_free_again(crew, board):
    for code in (7, 0, 5):  # more than there are slots
        member = crew.start(lambda listening, slot, voice, code=code: code, 0)
        assert ended(crew) == [(member.process, code)]
    assert crew.members == []
    assert board.read()[0] == []


def test_a_worker_has_a_slot_and_a_voice(crew, board):
    def work(listening, slot, voice):
        slot.be(State.READY)
        os.write(voice, b"\na stack\n")
        return 0

    member = crew.start(work, 4)
    wait_for(crew, lambda: member.said)
    assert member.said == "a stack\n"
    assert member.slot.read().generation == 4
    assert member.slot.read().pid == member.process
    assert member.state == State.READY
    assert ended(crew) == [(member.process, 0)]


def test_a_worker_that_raises_ends_with_1(crew, caplog):
    def work(listening, slot, voice):
        raise RuntimeError("as asked")

    member = crew.start(work, 0)
    assert ended(crew) == [(member.process, 1)]


def test_without_a_slot_there_is_no_worker(crew):
    for _ in range(2):
        crew.start(lambda listening, slot, voice: time.sleep(60), 0)
    with pytest.raises(OSError, match="scoreboard"):
        crew.start(lambda listening, slot, voice: 0, 0)
    assert len(crew.members) == 2


def test_what_the_system_refuses_costs_neither_slot_nor_descriptor(crew, board, monkeypatch):
    def refuse():
        raise OSError(11, "Resource temporarily unavailable")

    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(os, "fork", refuse)
    with pytest.raises(OSError, match="temporarily"):
        crew.start(lambda listening, slot, voice: 0, 0)
    assert len(os.listdir("/proc/self/fd")) == before
    assert board.read()[0] == []


def test_a_signal_in_the_first_moment_ends_no_worker_but_term(crew):
    def work(listening, slot, voice):
        os.write(voice, b"up")
        time.sleep(60)
        return 0

    member = crew.start(work, 0)
    wait_for(crew, lambda: member.said)
    for number in set(HANDLED) - {signal.SIGTERM}:
        os.kill(member.process, number)
    time.sleep(0.1)
    assert list(crew.reap()) == []
    os.kill(member.process, signal.SIGTERM)
    assert ended(crew) == [(member.process, -signal.SIGTERM)]


def test_a_young_worker_opens_its_logs_anew_as_soon_as_it_can(crew):
    def work(listening, slot, voice):
        os.write(voice, b"up ")
        time.sleep(0.2)
        with Wakeup([REOPEN]) as wakeup:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [REOPEN])
            return len(wakeup.wait(10))

    member = crew.start(work, 0)
    wait_for(crew, lambda: member.said)
    os.kill(member.process, REOPEN)
    assert ended(crew) == [(member.process, 1)]


def test_nobody_is_left_behind(board):
    with Wakeup(HANDLED) as wakeup, Crew(wakeup, board, None) as crew:
        member = crew.start(lambda listening, slot, voice: time.sleep(60), 0)
    with pytest.raises(ProcessLookupError):
        os.kill(member.process, 0)


def test_a_worker_that_is_told_to_leave_is_leaving_whatever_it_says(board):
    slot = board.take(0)
    slot.be(State.READY)
    member = Member(1, 0, slot, -1, 0.0)
    assert member.stays
    member.due = 5.0
    assert member.state == State.LEAVING
    assert not member.stays


def test_a_stack_is_whole_when_no_more_comes():
    out, into = os.pipe2(os.O_NONBLOCK)
    member = Member(1, 0, None, out, 0.0)
    member.listen()
    assert member.stack(time.monotonic() + 1) == ""
    os.write(into, b"\n\nfirst ")
    member.listen()
    assert member.stack(member.heard + WHOLE / 2) == ""
    os.write(into, b"second")
    member.listen()
    assert member.stack(member.heard + WHOLE) == "first second"
    assert member.stack(member.heard + 1) == ""
    for descriptor in (out, into):
        with contextlib.suppress(OSError):
            os.close(descriptor)
