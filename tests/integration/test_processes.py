"""Arbiter and workers, as operations.md 2 and 3 promise them, with an application made for it."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time

import pytest

pytestmark = pytest.mark.integration

TERM, INT, QUIT, HUP, KILL = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGHUP,
    signal.SIGKILL,
)


def test_a_killed_worker_is_replaced_at_once(daemon, fcgi, tools):
    arbiter = daemon("workers=2")
    before = tools.children(arbiter.pid)
    os.kill(before[0], KILL)
    assert tools.wait_until(lambda: len(set(tools.children(arbiter.pid)) - {before[0]}) == 2, 0.5)
    assert fcgi.ask(arbiter.path, "pid").status == 200


def test_only_the_request_of_a_killed_worker_fails(daemon, fcgi, tools):
    arbiter = daemon("workers=2")
    failed = 0
    for number in range(60):
        if number % 20 == 5:
            os.kill(tools.children(arbiter.pid)[0], KILL)
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


@pytest.mark.parametrize("number", [TERM, INT, QUIT, HUP])
def test_an_idle_daemon_stops_at_once_and_leaves_nothing(daemon, tools, number):
    arbiter = daemon("workers=2")
    workers = tools.children(arbiter.pid)
    began = time.monotonic()
    arbiter.send_signal(number)
    assert arbiter.wait(5) == 0
    assert time.monotonic() - began < 1
    assert not any(tools.alive(worker) for worker in workers)
    assert not arbiter.path.exists()


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
def test_a_signal_without_a_meaning_ends_nothing(daemon, fcgi, tools, number):
    arbiter = daemon("workers=1")
    for process in (arbiter.pid, *tools.children(arbiter.pid)):
        os.kill(process, number)
    assert fcgi.ask(arbiter.path, "pid").body == str(tools.children(arbiter.pid)[0]).encode()
    assert arbiter.poll() is None


def test_a_stop_at_any_moment_leaves_nothing(start, fcgi, tools, tmp_path):
    rng = random.Random(5)
    path = tmp_path / "daemon.sock"
    for number in [TERM, INT, QUIT, HUP, TERM] * 2:
        arbiter = start([*tools.daemon_app, f"unix:{path}", "workers=2", "prepare=0.1"])
        time.sleep(0.15 + rng.random() * 0.4)
        arbiter.send_signal(number)
        assert arbiter.wait(5) in {0, -number}, arbiter.log.read_text()
        assert not path.exists(), arbiter.log.read_text()
        assert not tools.wait_until(lambda pid=arbiter.pid: group_of(pid), 0)


def group_of(leader):
    """The processes of a session that are left."""
    found = subprocess.run(["pgrep", "-s", str(leader)], capture_output=True, check=False)
    return found.stdout.split()


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
    assert not group_of(arbiter.pid)
    assert not arbiter.path.exists()


def test_the_workers_of_a_killed_arbiter_leave_within_two_seconds(daemon, tools):
    arbiter = daemon("workers=2")
    workers = tools.children(arbiter.pid)
    arbiter.kill()
    arbiter.wait()
    assert tools.wait_until(lambda: not any(tools.alive(worker) for worker in workers), 2)


def test_a_daemon_starts_where_a_killed_one_left_its_socket(daemon, fcgi):
    first = daemon()
    first.kill()
    first.wait()
    assert first.path.exists()
    assert fcgi.ask(daemon().path, "pid").status == 200


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


# ---- what clients do


def test_an_exception_is_a_500_and_a_log_line_in_a_living_worker(daemon, fcgi):
    arbiter = daemon()
    worker = fcgi.ask(arbiter.path, "pid").body
    answer = fcgi.ask(arbiter.path, "fail")
    assert answer.status == 500
    assert answer.headers["content-type"].startswith("text/plain")
    assert b"/" not in answer.body
    assert "as asked" in arbiter.log.read_text()
    assert fcgi.ask(arbiter.path, "header").status == 500  # one that latin-1 cannot write
    assert fcgi.ask(arbiter.path, "pid").body == worker


def test_kept_connections_do_not_starve_a_new_one(daemon, fcgi):
    arbiter = daemon()
    kept = [fcgi.connect(arbiter.path) for _ in range(3)]
    for client in kept:
        client.sendall(fcgi.request("pid", keep=True))
        assert fcgi.read_answer(client).status == 200
    began = time.monotonic()
    assert fcgi.ask(arbiter.path, "pid").status == 200
    assert time.monotonic() - began < 0.5
    for client in kept:
        client.sendall(fcgi.request("pid", keep=True))
        assert fcgi.read_answer(client).status == 200
        client.close()


def test_a_client_that_asks_without_end_does_not_starve_a_new_one(daemon, fcgi):
    arbiter = daemon()
    with fcgi.connect(arbiter.path) as greedy:
        greedy.sendall(fcgi.request("sleep=0.05", keep=True) * 200)
        time.sleep(0.2)
        began = time.monotonic()
        assert fcgi.ask(arbiter.path, "pid").status == 200
        assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("sent", [b"", b"\x01\x01", None], ids=["nothing", "a byte or two", "half"])
def test_a_client_that_stops_sending_is_dropped_and_holds_up_nobody(daemon, fcgi, sent):
    arbiter = daemon("timeout=1")
    with fcgi.connect(arbiter.path) as slow:
        slow.sendall(fcgi.request("pid")[:30] if sent is None else sent)
        assert fcgi.ask(arbiter.path, "pid").status == 200
        slow.settimeout(4)
        began = time.monotonic()
        assert slow.recv(1) == b""
        assert 0.5 < time.monotonic() - began < 3.5


def test_a_client_that_takes_nothing_is_dropped_and_holds_up_nobody(daemon, fcgi, tools):
    arbiter = daemon("timeout=1")
    with fcgi.connect(arbiter.path) as slow:
        slow.sendall(fcgi.request("size=9000000", keep=True))
        time.sleep(0.1)
        assert fcgi.ask(arbiter.path, "pid").status == 200
        assert tools.wait_until(lambda: "stood still" in arbiter.log.read_text(), 4)
        with pytest.raises(ConnectionError):
            fcgi.read_answer(slow)


def test_a_large_answer_reaches_a_slow_client_whole(daemon, fcgi):
    arbiter = daemon()
    with fcgi.connect(arbiter.path) as slow:
        slow.sendall(fcgi.request("size=3000000"))
        time.sleep(0.3)
        assert fcgi.read_answer(slow).body == b"\xff" * 3000000


def test_a_half_closed_client_gets_its_answer(daemon, fcgi):
    arbiter = daemon()
    with fcgi.connect(arbiter.path) as client:
        client.sendall(fcgi.request("sleep=0.1"))
        client.shutdown(socket.SHUT_WR)
        assert fcgi.read_answer(client).body == b"sleep"
        assert client.recv(1) == b""


def test_a_client_that_leaves_frees_the_worker(daemon, fcgi):
    arbiter = daemon()
    worker = fcgi.ask(arbiter.path, "pid").body
    for query in ("size=9000000", "sleep=0.2"):
        client = fcgi.connect(arbiter.path)
        client.sendall(fcgi.request(query))
        time.sleep(0.05)
        client.close()
    began = time.monotonic()
    assert fcgi.ask(arbiter.path, "pid").body == worker
    assert time.monotonic() - began < 1


def test_an_aborted_request_is_ended(daemon, fcgi):
    arbiter = daemon()
    with fcgi.connect(arbiter.path) as client:
        client.sendall(fcgi.request("pid", keep=True)[:-8] + fcgi.record(fcgi.ABORT))
        fcgi.read_answer(client)
        client.sendall(fcgi.request("pid"))
        assert fcgi.read_answer(client).status == 200


def test_noise_ends_its_connection_and_nothing_else(daemon, fcgi):
    arbiter = daemon()
    worker = fcgi.ask(arbiter.path, "pid").body
    rng = random.Random(3)
    for _ in range(100):
        with fcgi.connect(arbiter.path) as client:
            noise = bytearray(fcgi.request("pid") + rng.randbytes(20))
            noise[rng.randrange(len(noise))] = rng.randrange(256)
            client.sendall(noise)
            client.shutdown(socket.SHUT_WR)
            client.settimeout(3)
            try:
                while client.recv(65536):
                    pass
            except ConnectionResetError:
                pass
    assert fcgi.ask(arbiter.path, "pid").body == worker


def test_a_refused_role_is_answered_over_tcp_although_more_is_sent(start, fcgi, tools):
    address = ("127.0.0.1", tools.free_port())
    start([*tools.daemon_app, f"127.0.0.1:{address[1]}"], address)
    with fcgi.connect(address) as client:
        client.sendall(fcgi.record(fcgi.BEGIN, b"\0\2\0\0\0\0\0\0"))
        time.sleep(0.1)
        client.sendall(fcgi.record(4, b"x" * 60000))
        assert client.recv(16)[8:13] == b"\0\0\0\0\3"
        client.sendall(fcgi.record(4, b"x" * 60000))
        assert client.recv(1) == b""


def test_what_of_a_body_passes_the_limit_is_dropped(daemon, fcgi):
    arbiter = daemon()
    assert fcgi.ask(arbiter.path, "body", body=b"b" * 999).body == b"999"
    assert fcgi.ask(arbiter.path, "body", body=b"b" * 60000).body == b"1000"


def test_more_clients_than_connections_are_all_served(daemon, fcgi):
    arbiter = daemon()
    kept = []
    for _ in range(520):  # one worker holds 512
        client = fcgi.connect(arbiter.path)
        client.sendall(fcgi.request("pid", keep=True))
        assert fcgi.read_answer(client).status == 200
        kept.append(client)
    for client in kept:
        client.close()
    assert fcgi.ask(arbiter.path, "pid").status == 200
