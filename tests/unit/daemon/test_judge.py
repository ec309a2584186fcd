from __future__ import annotations

import logging
from signal import SIGKILL, SIGUSR2

import pytest

from iipastro.daemon import judge
from iipastro.daemon.crew import STACK, Member
from iipastro.daemon.judge import Judge, Times
from iipastro.daemon.scoreboard import Event, Scoreboard, State

TIMES = Times(30.0, 2.0)
STACK_TEXT = 'Current thread 0x1 (most recent call first):\n  File "/f.py", line 3 in f\n'


@pytest.fixture
def board():
    return Scoreboard(4)


@pytest.fixture
def member(board):
    slot = board.take(0)
    slot.be(State.READY)
    slot.beat(100.0, 0)
    return Member(77, 0, slot, -1, 90.0)


@pytest.fixture
def killed(monkeypatch):
    signals = []
    monkeypatch.setattr(judge.os, "kill", lambda process, number: signals.append(number))
    return signals


@pytest.fixture
def look(board, member):
    judging = Judge([member], board)
    return lambda now, times=TIMES: judging.look_around(times, now)


def test_a_worker_that_rests_and_one_that_is_quick_are_left_alone(look, member, killed):
    look(101.0)
    member.slot.begin(101.0, "FIF=x")
    look(102.9)
    assert killed == []


def test_the_stack_of_a_slow_request_is_asked_for_once(look, member, killed):
    member.slot.begin(101.0, "FIF=x")
    for now in (103.0, 104.0, 105.0):
        look(now)
    assert killed == [STACK]
    member.slot.end(200, 1, 5.0)
    member.slot.begin(106.0, "FIF=y")
    look(108.5)
    assert killed == [STACK] * 2


def test_without_a_limit_no_request_is_slow(look, member, killed):
    member.slot.begin(101.0, "FIF=x")
    look(120.0, Times(30.0, 0.0))
    assert killed == []


def test_a_request_over_its_time_costs_its_worker_the_life(look, member, killed, board, caplog):
    member.slot.begin(101.0, "FIF=x")
    look(131.0, Times(30.0, 0.0))
    assert killed == [STACK]
    look(131.4, Times(30.0, 0.0))
    assert killed == [STACK]
    look(131.5, Times(30.0, 0.0))
    assert killed == [STACK, SIGKILL]  # within the second after the limit
    assert board.read()[1].events[list(Event).index(Event.TIMED_OUT)] == 1
    assert "worker 77 is killed: its request takes more than 30 s" in caplog.text


def test_it_lives_no_longer_than_its_stack_takes(look, member, killed, caplog):
    member.slot.begin(101.0, 'FIF=x&JTL=0,0"\n')
    look(131.0)
    member.said, member.heard = STACK_TEXT, 131.01
    look(131.02)  # the stack may go on
    assert killed == [STACK]
    look(131.07)
    assert killed == [STACK, SIGKILL]
    assert r"worker 77, stack in FIF=x&JTL=0,0\x22\x0A: f (/f.py:3)" in caplog.text


def test_the_stack_of_a_slow_request_goes_to_the_slow_log(look, member, killed, caplog):
    member.slot.begin(101.0, "FIF=x")
    look(103.0)
    member.said, member.heard = STACK_TEXT, 103.01
    with caplog.at_level(logging.INFO, "iipastro.slow"):
        look(103.1)
        look(103.2)
    assert [record.name for record in caplog.records] == ["iipastro.slow"]
    assert killed == [SIGUSR2]


def test_a_worker_that_is_silent_is_killed_too(look, member, killed, caplog):
    look(131.9)
    assert killed == []
    look(132.0)
    assert killed == [STACK]
    assert "it has been silent for 32.0 s" in caplog.text


def test_a_worker_that_was_just_started_may_not_have_spoken(look, member, killed):
    member.slot.beat(0.0, 0)
    look(121.9)
    assert killed == []
    look(122.0)
    assert killed == [STACK]


def test_a_worker_that_was_told_to_leave_is_killed_when_its_time_is_over(look, member, killed):
    member.due = 105.0
    look(104.9)
    assert killed == []
    look(105.0)
    look(106.0)
    assert killed == [SIGKILL]


def test_after_a_standstill_of_all_nobody_is_judged_by_the_time_before(board, member, killed):
    judging = Judge([member], board)
    member.slot.begin(101.0, "FIF=x")
    assert judging.pause(Times(30.0, 0.0), 102.0) == 1.0
    judging.look_around(Times(30.0, 0.0), 500.0)  # not 103
    judging.look_around(Times(30.0, 0.0), 529.9)
    assert killed == []
    judging.look_around(Times(30.0, 0.0), 530.0)
    assert killed == [STACK]


def test_nor_is_one_that_rests_and_one_that_leaves_has_its_time(board, member, killed):
    judging = Judge([member], board)
    member.due = 110.0
    judging.pause(TIMES, 102.0)
    judging.look_around(TIMES, 500.0)
    assert member.due == pytest.approx(110 + 397)
    assert killed == []
    judging.pause(TIMES, 500.0)
    judging.look_around(TIMES, 501.9)  # a busy machine is no standstill
    assert member.due == pytest.approx(110 + 397)


@pytest.mark.parametrize(
    ("begun", "due", "shown", "seconds"),
    [
        (0.0, None, 0.0, 1.0),
        (100.0, None, 0.0, 0.5),  # until it is slow
        (100.0, None, 100.0, 1.0),
        (72.0, None, 72.0, 0.5),  # until it is killed
        (0.0, 101.6, 0.0, 0.1),
        (0.0, 90.0, 0.0, 0.0),
    ],
)
def test_the_pause_ends_when_something_is_due(board, member, begun, due, shown, seconds):
    if begun:
        member.slot.beat(begun, 0)
        member.slot.begin(begun, "")
    member.due, member.shown = due, shown
    assert Judge([member], board).pause(TIMES, 101.5) == pytest.approx(seconds)


def test_a_request_that_ended_without_a_word_is_over_when_its_worker_goes_round(
    look, member, killed, board
):
    member.slot.begin(101.0, "FIF=x")
    member.slot.beat(103.0, 1)
    look(132.0)
    assert killed == []
    assert Judge([member], board).pause(TIMES, 132.0) == pytest.approx(1)


def test_a_time_that_makes_no_sense_does_not_reach_the_clock(board, member, killed):
    member.slot.begin(float("nan"), "FIF=x")
    assert Judge([member], board).pause(TIMES, 101.0) == pytest.approx(1)


def test_what_is_limited_to_less_than_a_second_is_looked_at_more_often(board):
    assert Judge([], board).pause(Times(0.3, 0.0), 100.0) == pytest.approx(0.3)
    assert Judge([], board).pause(Times(30.0, 0.2), 100.0) == pytest.approx(0.2)
