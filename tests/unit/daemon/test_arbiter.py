"""What follows from signals, ends and words of workers; tests/integration has real processes."""

from __future__ import annotations

import logging
import signal
from itertools import pairwise
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2

import pytest

from iipastro.daemon import arbiter
from iipastro.daemon.arbiter import Arbiter, Callbacks, Plan
from iipastro.daemon.crew import Member
from iipastro.daemon.judge import Times
from iipastro.daemon.scoreboard import Event, Scoreboard, State


class Stopped(Exception):
    """The script is at its end."""


class FakeCrew:
    """Workers without processes, and a script of what happens in each round."""

    def __init__(self, board, clock):
        self.board, self.clock, self.members, self.script = board, clock, [], []
        self.started, self.killed, self.ended, self.pauses = [], [], [], []
        self.refuses = 0

    def start(self, work, generation):
        if self.refuses:
            self.refuses -= 1
            raise OSError(11, "Resource temporarily unavailable")
        process = 100 + len(self.started)
        slot = self.board.take(generation)
        self.members.append(Member(process, generation, slot, -1, self.clock[0]))
        self.started.append((process, work))

    def wait(self, seconds):
        self.pauses.append(seconds)
        self.clock[0] += min(seconds, 0.01)
        if not self.script:
            raise Stopped
        received = self.script.pop(0)
        return received() if callable(received) else set(received)

    def signal(self, number):
        self.killed += [(member.process, number) for member in self.members]

    def reap(self):
        for process, code in self.ended:
            member = self.named(process)
            self.members.remove(member)
            yield member, code
            self.board.release(member.slot)
        self.ended = []

    def named(self, process):
        return next(m for m in self.members if m.process == process)

    # ---- steps of a script

    def ready(self, *processes):
        def step():
            for process in processes:
                self.named(process).slot.be(State.READY)
            return set()

        return step

    def dies(self, process, code=-9):
        def step():
            self.ended.append((process, code))
            return set()

        return step

    def passes(self, seconds):
        def step():
            self.clock[0] += seconds
            return set()

        return step


class Stage:
    """An arbiter, its crew, and what it has called."""

    def __init__(self, clock):
        self.board = Scoreboard(20)
        self.crew = FakeCrew(self.board, clock)
        self.called, self.told, self.plans = [], [], []
        self.plan = self.plan_of("first")

    def plan_of(self, name, workers=2):
        times = Times(30.0, 0.0)
        return Plan(
            workers, 5.0, times, name, lambda: self.called.append(f"enter {name}"), self.told.append
        )

    def play(self, *script):
        with pytest.raises(Stopped):
            self.play_to_the_end(*script)

    def play_to_the_end(self, *script):
        self.crew.script = list(script)
        calls = Callbacks(
            lambda: self.plans.pop(0),
            lambda: self.called.append("reopen"),
            lambda: self.called.append("report"),
        )
        Arbiter(self.crew, self.plan, calls, self.board).run()

    def count(self, event):
        return self.board.read()[1].events[list(Event).index(event)]


@pytest.fixture
def stage(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(arbiter.time, "monotonic", lambda: clock[0])
    made = Stage(clock)
    monkeypatch.setattr(
        arbiter.os, "kill", lambda process, number: made.crew.killed.append((process, number))
    )
    return made


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (1, 0), (2, 0.1), (3, 0.2), (4, 0.4), (8, 5), (10**6, 5)]
)
def test_workers_that_die_quickly_are_replaced_ever_more_slowly(failures, seconds):
    assert arbiter.pause_after(failures) == pytest.approx(min(seconds, 5))


def test_a_fork_that_the_system_refuses_is_tried_again_ever_more_slowly(stage, caplog):
    stage.crew.refuses = 5
    moments = []
    start = stage.crew.start

    def noted(*words):
        moments.append(stage.crew.clock[0])
        start(*words)

    stage.crew.start = noted
    with caplog.at_level(logging.ERROR, "iipastro"):
        stage.play(*[set()] * 200)
    gaps = [b - a for a, b in pairwise(moments[:6])]
    assert gaps == pytest.approx([0, 0.1, 0.2, 0.4, 0.8], abs=0.02)
    assert "cannot start a worker: Resource temporarily unavailable" in caplog.text


def test_a_worker_that_dies_is_replaced_at_once(stage):
    stage.play(stage.crew.ready(100, 101), stage.crew.passes(9), stage.crew.dies(100), ())
    assert [process for process, _ in stage.crew.started] == [100, 101, 102]
    assert stage.count(Event.FAILED) == 1


def test_a_worker_that_has_done_enough_is_replaced_while_it_still_finishes(stage):
    def enough():
        stage.crew.named(101).slot.be(State.LEAVING)
        return set()

    stage.play(stage.crew.ready(100, 101), enough, (), stage.crew.dies(101, 0), ())
    assert [process for process, _ in stage.crew.started] == [100, 101, 102]
    assert stage.count(Event.FAILED) == 0
    assert stage.crew.killed == []


def test_one_that_does_not_come_to_an_end_has_no_longer_than_the_others(stage):
    def enough():
        stage.crew.named(101).slot.be(State.LEAVING)
        return set()

    passes = stage.crew.passes
    stage.play(stage.crew.ready(100, 101), enough, (), *[passes(1)] * 6, ())
    assert stage.crew.killed == [(101, SIGKILL)]


def test_workers_that_never_get_ready_are_replaced_ever_more_slowly(stage):
    passes, dies = stage.crew.passes, stage.crew.dies
    script = [passes(9), dies(100, 1), passes(9), dies(101, 1), (), ()]
    stage.play(*script)
    assert len(stage.crew.started) == 3  # the first one is replaced at once
    assert stage.crew.pauses[-2] == pytest.approx(0.1, abs=0.02)


def test_only_an_end_that_nobody_wanted_is_a_warning(stage, caplog):
    dies = stage.crew.dies
    with caplog.at_level(logging.INFO, "iipastro"):
        stage.play(stage.crew.ready(100, 101), {SIGTTOU}, dies(101), dies(100), ())
    levels = {r.getMessage(): r.levelname for r in caplog.records if "ended" in r.message}
    assert levels == {
        "worker 101 ended by signal 9": "INFO",
        "worker 100 ended by signal 9": "WARNING",
    }


def test_one_worker_more_and_one_fewer(stage):
    ready = stage.crew.ready
    stage.play(ready(100, 101), {SIGTTIN}, ready(102), {SIGTTOU}, {SIGTTOU}, {SIGTTOU}, ())
    assert len(stage.crew.started) == 3
    assert stage.crew.killed == [(102, SIGTERM), (101, SIGTERM)]  # the last one stays
    assert stage.told == [3, 2, 1, 1]  # the lanes, which leave one worker to the tiles


def test_a_reload_lets_the_old_go_when_all_new_ones_are_ready(stage):
    ready = stage.crew.ready
    stage.plans = [stage.plan_of("second", 3)]
    stage.play(ready(100, 101), {SIGHUP}, ready(102, 103), (), ready(104), ())
    assert stage.crew.started[2:] == [(102, "second"), (103, "second"), (104, "second")]
    assert stage.crew.killed == [(100, SIGTERM), (101, SIGTERM)]
    assert stage.called == ["enter second"]
    assert stage.count(Event.RELOADED) == 1


def test_nobody_goes_before_that(stage):
    ready = stage.crew.ready
    stage.plans = [stage.plan_of("second")]
    stage.play(ready(100, 101), {SIGHUP}, ready(102), (), ())
    assert stage.crew.killed == []


def test_a_configuration_that_is_wrong_changes_nothing(stage):
    stage.plans = [None]
    stage.play(stage.crew.ready(100, 101), {SIGHUP}, (), ())
    assert len(stage.crew.started) == 2
    assert stage.crew.killed == []
    assert (stage.count(Event.REFUSED), stage.count(Event.RELOADED)) == (1, 0)


def test_a_configuration_whose_workers_do_not_start_is_taken_back(stage, caplog):
    ready, dies = stage.crew.ready, stage.crew.dies
    stage.plans = [stage.plan_of("second"), stage.plan_of("third")]
    stage.play(ready(100, 101), {SIGHUP}, ready(102), dies(103, 1), dies(102, 0), dies(101), (), ())
    assert stage.crew.killed == [(102, SIGTERM)]
    assert stage.crew.started[4:] == [(104, "first")]  # in place of 101
    assert stage.called == ["enter second", "enter first"]
    assert stage.count(Event.REFUSED) == 1
    assert "the old one stays" in caplog.text


def test_one_new_worker_that_is_killed_as_it_starts_is_replaced(stage):
    ready, dies = stage.crew.ready, stage.crew.dies
    stage.plans = [stage.plan_of("second")]
    stage.play(ready(100, 101), {SIGHUP}, (), dies(102), (), ready(103, 104), ())
    assert stage.crew.started[4:] == [(104, "second")]
    assert (stage.count(Event.RELOADED), stage.count(Event.REFUSED)) == (1, 0)


def test_the_second_one_takes_the_configuration_back(stage):
    ready, dies = stage.crew.ready, stage.crew.dies
    stage.plans = [stage.plan_of("second")]
    stage.play(ready(100, 101), {SIGHUP}, (), dies(102), (), dies(104), ())
    assert (stage.count(Event.RELOADED), stage.count(Event.REFUSED)) == (0, 1)


def test_a_new_worker_that_dies_after_it_was_ready_takes_nothing_back(stage):
    ready, dies = stage.crew.ready, stage.crew.dies
    stage.plans = [stage.plan_of("second")]
    stage.play(ready(100, 101), {SIGHUP}, ready(102), dies(102), (), ready(103, 104), ())
    assert stage.crew.started[4:] == [(104, "second")]
    assert stage.crew.killed == [(100, SIGTERM), (101, SIGTERM)]


def test_a_reload_during_a_reload_comes_after_it(stage):
    ready = stage.crew.ready
    stage.plans = [stage.plan_of("second"), stage.plan_of("third")]
    script = [ready(100, 101), {SIGHUP}, {SIGHUP}, {SIGHUP}, ready(102, 103), ()]
    stage.play(*script, ready(104, 105), ())
    assert stage.crew.started[4:] == [(104, "third"), (105, "third")]
    assert stage.crew.killed == [(n, SIGTERM) for n in (100, 101, 102, 103)]
    assert stage.count(Event.RELOADED) == 2


def test_a_worker_that_does_not_leave_in_time_is_killed(stage):
    ready = stage.crew.ready
    stage.play(ready(100, 101), {SIGTTOU}, *[stage.crew.passes(0.9)] * 6)
    assert stage.crew.killed == [(101, SIGTERM), (101, SIGKILL)]


def test_logs_are_reopened_by_the_arbiter_and_by_all_workers(stage):
    stage.play(stage.crew.ready(100, 101), {SIGUSR1}, ())
    assert stage.called == ["reopen"]
    assert stage.crew.killed == [(100, SIGUSR1), (101, SIGUSR1)]


def test_the_status_is_reported(stage):
    stage.play({SIGUSR2}, ())
    assert stage.called == ["report"]


def test_term_waits_for_workers_that_still_work(stage):
    dies = stage.crew.dies
    stage.play_to_the_end(stage.crew.ready(100, 101), {SIGTERM}, dies(100, 0), (), dies(101, 0))
    assert stage.crew.killed == [(100, SIGTERM), (101, SIGTERM)]
    assert stage.crew.script == []


def test_term_waits_no_longer_than_the_grace_and_says_whom_it_ends(stage, caplog):
    steps = [stage.crew.passes(0.8)] * 7
    stage.play_to_the_end(stage.crew.ready(100, 101), {SIGTERM}, *steps)
    assert stage.crew.killed[2:] == [(100, SIGKILL), (101, SIGKILL)]
    assert stage.crew.script == []
    assert "worker 100 does not leave and is killed" in caplog.text
    assert "worker 101 does not leave and is killed" in caplog.text


def test_a_request_that_takes_too_long_is_ended_during_the_grace_too(stage, caplog):
    def hangs():
        stage.crew.named(100).slot.begin(stage.crew.clock[0] - 29.5, "x")
        return set()

    steps = [stage.crew.passes(0.3)] * 4
    stage.play_to_the_end(stage.crew.ready(100, 101), hangs, {SIGTERM}, *steps, {SIGINT})
    assert (100, SIGKILL) in stage.crew.killed
    assert (101, SIGKILL) not in stage.crew.killed


def test_logs_are_reopened_and_the_status_is_told_during_the_grace_too(stage):
    stage.play(stage.crew.ready(100, 101), {SIGTERM}, {SIGUSR1}, {SIGUSR2}, {SIGHUP}, {SIGTTIN})
    assert stage.called == ["reopen", "report"]
    assert stage.crew.killed[2:] == [(100, SIGUSR1), (101, SIGUSR1)]


def test_a_worker_that_is_stopped_as_it_starts_takes_nothing_back(stage):
    stage.plans = [stage.plan_of("second"), stage.plan_of("third")]
    hangups, dies = [{SIGHUP}, {SIGHUP}], stage.crew.dies(102, -15)
    stage.play_to_the_end(stage.crew.ready(100, 101), *hangups, {SIGTERM}, dies, {SIGINT})
    assert stage.called == ["enter second"]


@pytest.mark.parametrize("script", [[{SIGINT}], [{SIGTERM}, {signal.SIGQUIT}]])
def test_int_and_quit_wait_for_nobody(stage, script):
    stage.play_to_the_end(*script)
    assert stage.crew.script == []
    assert len(stage.crew.members) == 2


def test_int_wins_over_term(stage):
    stage.play_to_the_end({SIGTERM, SIGINT})
    assert stage.crew.killed == []


def test_the_wait_is_no_longer_than_a_second(stage):
    stage.play(stage.crew.ready(100, 101), (), ())
    assert stage.crew.pauses[-1] == pytest.approx(1)
