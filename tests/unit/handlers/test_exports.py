"""Long answers never hold all workers (operations R23)."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack

import pytest

from iipastro.errors import Busy
from iipastro.handlers.exports import LIGHT, Exports

HEAVY = LIGHT + 1


def in_a_worker(action) -> int:
    """Run a function in a process of its own and return 1 if it was refused, 0 if not."""
    process = os.fork()
    if process == 0:
        try:
            action()
        except Busy:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def take(exports, samples=HEAVY):
    with exports.slot(samples):
        pass


class Holder:
    """A worker that makes a long answer until it is told to stop, or killed."""

    def __init__(self, exports):
        ready, told = os.pipe()
        until, self.end = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            with exports.slot(HEAVY):
                os.write(told, b"x")
                os.read(until, 1)
            os._exit(0)
        os.read(ready, 1)
        self.opened = (ready, told, until)

    def stop(self, number=None):
        if number is not None:
            os.kill(self.process, number)
        os.write(self.end, b"x")  # other workers hold this end too
        os.waitpid(self.process, 0)
        for descriptor in (*self.opened, self.end):
            os.close(descriptor)


def test_as_many_workers_as_there_are_slots_make_long_answers():
    exports = Exports(2)
    first = Holder(exports)
    assert in_a_worker(lambda: take(exports)) == 0
    second = Holder(exports)
    assert in_a_worker(lambda: take(exports)) == 1
    assert in_a_worker(lambda: take(exports, LIGHT)) == 0  # what is short needs none
    first.stop()
    assert in_a_worker(lambda: take(exports)) == 0
    second.stop()


def test_a_worker_that_is_killed_leaves_its_slot():
    exports = Exports(1)
    holder = Holder(exports)
    assert in_a_worker(lambda: take(exports)) == 1
    holder.stop(signal.SIGKILL)
    assert in_a_worker(lambda: take(exports)) == 0


def test_an_answer_that_fails_leaves_its_slot():
    exports = Exports(1)
    with pytest.raises(ZeroDivisionError), exports.slot(HEAVY):
        raise ZeroDivisionError
    assert in_a_worker(lambda: take(exports)) == 0


def test_who_is_refused_may_come_again_in_a_second():
    exports = Exports(1)
    holder = Holder(exports)
    process = os.fork()
    if process == 0:
        try:
            take(exports)
        except Busy as error:
            os._exit(error.retry_seconds)
        os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 1
    holder.stop()


def test_workers_that_run_already_learn_how_many_there_are():
    exports = Exports(3)
    first = Holder(exports)
    waits, told = os.pipe()
    process = os.fork()
    if process == 0:  # started while there were more
        os.close(told)
        os.read(waits, 1)
        try:
            take(exports)
        except Busy:
            os._exit(1)
        os._exit(0)
    exports.follow(2)
    os.write(told, b"x")
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 1
    first.stop()
    assert in_a_worker(lambda: take(exports)) == 0
    os.close(waits)
    os.close(told)


def test_a_server_of_one_worker_never_refuses():
    exports = Exports(1)
    for _ in range(3):
        take(exports)


def test_nothing_stays_open():
    before = len(os.listdir("/proc/self/fd"))
    with ExitStack() as stack:
        stack.enter_context(Exports(1).slot(HEAVY))
    assert len(os.listdir("/proc/self/fd")) == before
