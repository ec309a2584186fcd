"""What needs no process; tests/integration/test_processes.py has the rest."""

from __future__ import annotations

import errno
import logging
import signal

import pytest

from iipastro.daemon import arbiter


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (1, 0), (2, 0.1), (3, 0.2), (4, 0.4), (8, 5), (10**6, 5)]
)
def test_workers_that_die_quickly_are_replaced_ever_more_slowly(failures, seconds):
    assert arbiter.pause_after(failures) == pytest.approx(min(seconds, 5))


@pytest.mark.parametrize(
    ("received", "patience"),
    [
        (set(), None),
        ({signal.SIGCHLD}, None),
        ({signal.SIGTERM}, 30),
        ({signal.SIGHUP, signal.SIGCHLD}, 30),
        ({signal.SIGINT}, 0),
        ({signal.SIGTERM, signal.SIGQUIT}, 0),
    ],
)
def test_int_and_quit_win_over_a_graceful_stop(received, patience):
    assert arbiter._patience(received, 30) == patience


def test_a_fork_that_the_system_refuses_is_tried_again_ever_more_slowly(monkeypatch, caplog):
    clock, forks = [100.0], []

    def refuse():
        forks.append(clock[0])
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(arbiter.os, "fork", refuse)
    monkeypatch.setattr(arbiter.time, "monotonic", lambda: clock[0])
    with arbiter.Crew(None, None, 2) as crew, caplog.at_level(logging.ERROR, "iipastro"):
        for _ in range(20):
            crew.fill_up()
            if len(forks) == 5:
                break
            clock[0] += crew.pause()
    assert forks == pytest.approx([100, 100, 100.1, 100.3, 100.7])
    assert "cannot start a worker: Resource temporarily unavailable" in caplog.text
