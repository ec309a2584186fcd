"""The parent of the workers: starts them, replaces those that die or hang, and stops them.

Signals and what workers say only wake it; what there is to do then follows from
the members of the crew and the clock.  A reload is a new generation of workers:
when all of it is ready, the one before leaves.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..log import NOTICE
from .crew import HANDLED, Crew, Member, Work
from .judge import Judge, Times
from .scoreboard import Event, Scoreboard, State
from .signals import Wakeup
from .systemd import Notifier

_AT_ONCE = frozenset((signal.SIGINT, signal.SIGQUIT))
_QUICK = 0.5  # seconds: a worker that lives for less did not get far
_LONGEST_PAUSE = 5.0  # seconds
_MOST = 1024  # workers

_log = logging.getLogger("iipastro")


@dataclass(frozen=True)
class Plan:
    """How workers work: what a reload may change."""

    workers: int
    grace: float  # seconds for running requests, when a worker leaves
    times: Times
    work: Work
    enter: Callable[[], None]  # to be called before its workers start
    follow: Callable[[int], None]  # to be told how many workers there shall be, when that changes


@dataclass(frozen=True)
class Callbacks:
    """What the arbiter is given to call."""

    load: Callable[[], Plan | None]  # the configuration anew; None: it is wrong, and that was said
    reopen: Callable[[], None]  # the logs
    report: Callable[[], None]  # the status, to the log


def supervise(plan: Plan, calls: Callbacks, board: Scoreboard, listening: socket.socket) -> None:
    """Keep workers at work until a signal says stop (operations.md 2).

    TERM gives them `grace` seconds to finish what they do, INT and QUIT none.
    When this returns or raises, none of them is left.
    """
    with Wakeup(HANDLED) as wakeup, Crew(wakeup, board, listening) as crew:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
        Arbiter(crew, plan, calls, board).run()


class Arbiter:
    """What is to be done, and when."""

    def __init__(self, crew: Crew, plan: Plan, calls: Callbacks, board: Scoreboard):
        self._crew = crew
        self._plan = plan
        self._calls = calls
        self._board = board
        self._judge = Judge(crew.members, board)
        self._notifier = Notifier(os.environ)
        self._generation = 0
        self._newest = 0  # number of a generation, that may have been taken back
        self._before: tuple[Plan, int] | None = None  # what we go back to if the new one fails
        self._again = False  # a reload was asked for during a reload
        self._ready = False  # and told
        self._failures = 0  # workers in a row that did not start or get far
        self._not_before = 0.0  # when the next one may start

    def run(self) -> None:
        """Go round until a signal says stop, then stop."""
        received: set[signal.Signals] = set()
        while not received & {signal.SIGTERM, *_AT_ONCE}:
            self._adjust()
            received = self._crew.wait(self._pause())
            self._reap()
            self._heed(received)
            self._notifier.alive(time.monotonic())
            self._judge.look_around(self._plan.times, time.monotonic())
        self._notifier.stopping()
        if not received & _AT_ONCE and self._plan.grace:
            _log.info("stopping: %g s for running requests", self._plan.grace)
            self._drain(time.monotonic() + self._plan.grace)

    def _drain(self, deadline: float) -> None:
        """Let all workers leave, but not later than told, and not after INT or QUIT."""
        self._crew.signal(signal.SIGTERM)
        for member in self._crew.members:
            member.due = deadline if member.due is None else min(member.due, deadline)
        while self._crew.members and time.monotonic() < deadline:
            received = self._crew.wait(self._judge.pause(self._plan.times, time.monotonic()))
            if received & _AT_ONCE:
                return
            self._reap()
            self._heed(received & {signal.SIGUSR1, signal.SIGUSR2})
            self._notifier.alive(time.monotonic())
            self._judge.look_around(self._plan.times, time.monotonic())

    # ---- how many there are

    @property
    def _staff(self) -> list[Member]:
        """Those that count: of the latest generation, and not leaving."""
        members = self._crew.members
        return [m for m in members if m.generation == self._generation and m.stays]

    def _adjust(self) -> None:
        """Start the workers that are missing, let go those that are too many."""
        for member in self._crew.members:
            if member.slot.state == State.LEAVING and member.due is None:  # of its own will
                member.due = time.monotonic() + self._plan.grace
        staff = self._staff
        for _ in range(self._plan.workers - len(staff)):
            if time.monotonic() < self._not_before:
                break
            self._start()
        for member in staff[self._plan.workers :]:
            self._let_go(member)
        if sum(m.state == State.READY for m in self._staff) >= self._plan.workers:
            self._all_ready()

    def _pause(self) -> float:
        """Return how long to wait for news, in seconds."""
        now = time.monotonic()
        pause = self._judge.pause(self._plan.times, now)
        missing = len(self._staff) < self._plan.workers
        return min(pause, max(0.0, self._not_before - now)) if missing else pause

    def _start(self) -> None:
        """Start a worker.  What the system refuses now it may grant later."""
        try:
            self._crew.start(self._plan.work, self._generation)
        except OSError as error:
            _log.error("cannot start a worker: %s", error.strerror)
            self._failed()

    def _let_go(self, member: Member) -> None:
        """Let a worker finish what it does and leave."""
        os.kill(member.process, signal.SIGTERM)
        member.due = time.monotonic() + self._plan.grace

    def _failed(self) -> None:
        self._failures += 1
        self._not_before = time.monotonic() + pause_after(self._failures)

    def _reap(self) -> None:
        """Take notice of those that have ended."""
        for member, code in self._crew.reap():
            told = member.state == State.LEAVING or member.condemned is not None
            level = logging.INFO if told or not code else logging.WARNING
            _log.log(level, "worker %d ended %s", member.process, _how(code))
            self._judge.show(member, member.said)
            if not told:
                self._board.count(Event.FAILED)
            if member.state != State.LEAVING:
                self._lost(member, code)

    def _lost(self, member: Member, code: int) -> None:
        """Draw conclusions from the end of a worker that nobody asked to leave.

        One that a signal ends as it starts says nothing of its configuration; two do.
        """
        young = member.state == State.STARTING
        new = self._before is not None and member.generation == self._generation
        if young and new and (code >= 0 or self._failures):
            self._take_back()
        elif young or time.monotonic() - member.started < _QUICK:
            self._failed()
        else:
            self._failures, self._not_before = 0, 0.0

    # ---- signals

    def _heed(self, received: set[signal.Signals]) -> None:
        if signal.SIGUSR1 in received:
            self._calls.reopen()
            self._crew.signal(signal.SIGUSR1)
        if signal.SIGUSR2 in received:
            self._calls.report()
        change = (signal.SIGTTIN in received) - (signal.SIGTTOU in received)
        if change:
            workers = min(max(self._plan.workers + change, 1), _MOST)
            self._plan = replace(self._plan, workers=workers)
            self._plan.follow(workers)
            _log.info("workers: %d", workers)
        if signal.SIGHUP in received:
            self._reload()

    def _reload(self) -> None:
        """Begin a new generation with a new plan; the one before goes when it is ready."""
        if self._before is not None:
            self._again = True
            return
        self._notifier.reloading()
        plan = self._calls.load()
        if plan is None:
            self._board.count(Event.REFUSED)
            self._notifier.ready()
            return
        self._before = self._plan, self._generation
        self._newest += 1
        self._plan, self._generation = plan, self._newest
        plan.enter()
        self._failures, self._not_before = 0, 0.0

    def _all_ready(self) -> None:
        """Let those of earlier generations leave, if there are any."""
        if self._before is not None:
            for member in self._crew.members:
                if member.generation != self._generation and member.due is None:
                    self._let_go(member)
            self._board.count(Event.RELOADED)
            _log.log(NOTICE, "reloaded, workers: %d", self._plan.workers)
            self._reloaded()
        elif not self._ready:
            self._notifier.ready()
        self._ready = True

    def _take_back(self) -> None:
        """Go on as before: workers of the new configuration do not start."""
        if self._before is None:
            return
        for member in self._staff:
            self._let_go(member)
        self._plan, self._generation = self._before
        self._plan.enter()
        self._board.count(Event.REFUSED)
        _log.error("workers do not start with the new configuration: the old one stays")
        self._reloaded()

    def _reloaded(self) -> None:
        """Be done with a reload, one way or the other."""
        self._before = None
        self._notifier.ready()
        if self._again:
            self._again = False
            self._reload()


def pause_after(failures: int) -> float:
    """Return how long to wait after so many failures in a row, in seconds.

    The first one is replaced at once.
    """
    return 0.0 if failures < 2 else min(0.1 * 2 ** min(failures - 2, 10), _LONGEST_PAUSE)


def _how(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with status {code}"
