"""Arbiter and workers, as operations.md 2 and 3 promise them, with an application made for it."""

from __future__ import annotations

import os
import signal
import time

import pytest

pytestmark = pytest.mark.integration


def test_a_killed_worker_is_replaced_at_once(daemon, fcgi, tools):
    arbiter = daemon("workers=2")
    before = tools.children(arbiter.pid)
    os.kill(before[0], signal.SIGKILL)
    assert tools.wait_until(lambda: len(set(tools.children(arbiter.pid)) - {before[0]}) == 2, 0.5)
    assert fcgi.ask(arbiter.path, "pid").status == 200


def test_only_the_request_of_a_killed_worker_fails(daemon, fcgi, tools):
    arbiter = daemon("workers=2")
    failed = 0
    for number in range(60):
        if number % 20 == 5:
            os.kill(tools.children(arbiter.pid)[0], signal.SIGKILL)
        try:
            failed += fcgi.ask(arbiter.path, "pid").status != 200
        except OSError:
            failed += 1
    assert failed <= 3


def test_workers_that_cannot_start_are_not_started_in_a_rush(start, tools, tmp_path):
    path = tmp_path / "daemon.sock"
    arbiter = start([*tools.daemon_app, f"unix:{path}", "broken=1"], path)
    time.sleep(1)
    log = arbiter.log.read_text()
    assert 3 <= log.count("cannot be built\n") <= 6
    assert arbiter.poll() is None


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU])
def test_a_signal_that_is_not_for_it_ends_and_suspends_no_process(daemon, fcgi, tools, number):
    arbiter = daemon("workers=1")
    processes = (arbiter.pid, *tools.children(arbiter.pid))
    for process in processes:
        os.kill(process, number)
    answered = int(fcgi.ask(arbiter.path, "pid").body)
    assert answered in tools.children(arbiter.pid)  # TTIN asks for one worker more
    assert set(processes[1:]) <= set(tools.children(arbiter.pid))
    assert not {tools.state(process) for process in processes} & {"T", "Z"}


def test_a_daemon_starts_where_a_killed_one_left_its_socket(daemon, fcgi):
    first = daemon()
    first.kill()
    first.wait()
    assert first.path.exists()
    assert fcgi.ask(daemon().path, "pid").status == 200


def test_a_new_connection_wakes_one_worker(daemon, fcgi, tools):
    arbiter = daemon("workers=4")
    workers = tools.children(arbiter.pid)
    time.sleep(0.2)
    before = sum(map(tools.rests, workers))
    clients = []
    for _ in range(60):
        clients.append(fcgi.connect(arbiter.path))
        time.sleep(0.01)  # so that all who have been woken sleep again
    woken = sum(map(tools.rests, workers)) - before
    for client in clients:
        client.close()
    assert 0 < woken < 120  # of all four it would be 240; each looks at the clock once a second


def test_workers_draw_different_numbers(daemon, fcgi, tools):
    arbiter = daemon("workers=2")
    drawn = {}
    while len(drawn) < 2:
        with fcgi.connect(arbiter.path) as busy, fcgi.connect(arbiter.path) as other:
            busy.sendall(fcgi.request("sleep=0.1"))
            other.sendall(fcgi.request("pid", keep=True))
            worker = fcgi.read_answer(other).body
            other.sendall(fcgi.request("draw"))
            drawn.setdefault(worker, fcgi.read_answer(other).body)
    assert len(set(drawn.values())) == 2
