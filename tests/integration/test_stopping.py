"""How a daemon ends, as operations.md 2 promises, with an application made for it."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

pytestmark = pytest.mark.integration

TERM, INT, QUIT = signal.SIGTERM, signal.SIGINT, signal.SIGQUIT


@pytest.mark.parametrize("number", [TERM, INT, QUIT])
def test_an_idle_daemon_stops_at_once_and_leaves_nothing(daemon, tools, number):
    arbiter = daemon("workers=2")
    workers = tools.children(arbiter.pid)
    began = time.monotonic()
    arbiter.send_signal(number)
    assert arbiter.wait(5) == 0
    assert time.monotonic() - began < 1
    assert not any(tools.alive(worker) for worker in workers)
    assert not arbiter.path.exists()


def test_a_stop_at_any_moment_leaves_nothing(start, fcgi, tools, tmp_path):
    rng = random.Random(5)
    path = tmp_path / "daemon.sock"
    for number in [TERM, INT, QUIT, TERM, TERM] * 2:
        arbiter = start([*tools.daemon_app, f"unix:{path}", "workers=2", "prepare=0.1"])
        time.sleep(0.15 + rng.random() * 0.4)
        arbiter.send_signal(number)
        assert arbiter.wait(5) in {0, -number}, arbiter.log.read_text()
        assert not path.exists(), arbiter.log.read_text()
        assert not tools.group(arbiter.pid)


def test_a_stop_during_the_preparation_leaves_nothing(start, tools, tmp_path):
    path = tmp_path / "daemon.sock"
    arbiter = start([*tools.daemon_app, f"unix:{path}", "prepare=5"], path)
    arbiter.terminate()
    assert arbiter.wait(1) == 0
    assert not path.exists()


def test_a_preparation_that_fails_leaves_nothing(start, tools, tmp_path):
    path = tmp_path / "daemon.sock"
    arbiter = start([*tools.daemon_app, f"unix:{path}", "unprepared=1"])
    assert arbiter.wait(5) == 1
    assert "cannot be prepared" in arbiter.log.read_text()
    assert not path.exists()


def test_term_lets_a_request_finish(daemon, fcgi):
    arbiter = daemon()
    with fcgi.connect(arbiter.path) as client:
        client.sendall(fcgi.request("sleep=0.5"))
        time.sleep(0.2)
        arbiter.terminate()
        assert fcgi.read_answer(client).body == b"sleep"
    assert arbiter.wait(1) == 0


def test_term_ends_a_request_that_outlasts_the_grace(daemon, fcgi, tools):
    arbiter = daemon("grace=0.5")
    with fcgi.connect(arbiter.path) as client:
        client.sendall(fcgi.request("sleep=20"))
        time.sleep(0.2)
        began = time.monotonic()
        arbiter.terminate()
        assert arbiter.wait(5) == 0
        assert 0.4 < time.monotonic() - began < 1.5


@pytest.mark.parametrize("number", [INT, QUIT])
def test_int_and_quit_wait_for_no_request(daemon, fcgi, number):
    arbiter = daemon("grace=20")
    with fcgi.connect(arbiter.path) as client:
        client.sendall(fcgi.request("sleep=20"))
        time.sleep(0.2)
        arbiter.send_signal(number)
        assert arbiter.wait(1) == 0


def test_int_cuts_a_graceful_stop_short(daemon, fcgi):
    arbiter = daemon("grace=20")
    with fcgi.connect(arbiter.path) as client:
        client.sendall(fcgi.request("sleep=20"))
        time.sleep(0.2)
        arbiter.terminate()
        time.sleep(0.2)
        arbiter.send_signal(INT)
        assert arbiter.wait(1) == 0


def test_an_interrupt_from_the_terminal_leaves_nothing(daemon, tools):
    arbiter = daemon("workers=2")
    os.killpg(arbiter.pid, INT)
    assert arbiter.wait(2) == 0
    assert not tools.group(arbiter.pid)
    assert not arbiter.path.exists()


def test_a_worker_that_stops_accepts_nobody_however_long_it_takes(daemon, fcgi):
    arbiter = daemon("grace=4")
    with fcgi.connect(arbiter.path) as stalled:
        stalled.sendall(fcgi.request("pid")[:30])
        time.sleep(0.2)
        arbiter.terminate()
        time.sleep(1.5)
        with pytest.raises(TimeoutError):
            fcgi.ask(arbiter.path, "pid", timeout=1.5)
        assert arbiter.poll() is None
        stalled.sendall(fcgi.request("pid")[30:])
        assert fcgi.read_answer(stalled).status == 200
    assert arbiter.wait(1) == 0
