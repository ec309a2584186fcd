"""What clients do to a daemon, well or badly, with an application made for it."""

from __future__ import annotations

import random
import socket
import time

import pytest

pytestmark = pytest.mark.integration


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


def test_a_client_that_reads_slowly_but_steadily_gets_all_in_any_time(daemon, fcgi):
    arbiter = daemon("timeout=1")
    with fcgi.connect(arbiter.path) as slow:
        slow.sendall(fcgi.request("size=4000000"))
        began, got = time.monotonic(), 0
        while data := slow.recv(200000, socket.MSG_WAITALL):
            got += len(data)
            time.sleep(0.15)
    assert got > 4000000
    assert time.monotonic() - began > 2.5  # of which 1 s may pass without a byte


def test_a_long_request_is_not_counted_as_the_silence_of_another(daemon, fcgi):
    arbiter = daemon("timeout=1")
    with fcgi.connect(arbiter.path) as long, fcgi.connect(arbiter.path) as other:
        other.sendall(fcgi.request("pid")[:30])
        time.sleep(0.2)
        long.sendall(fcgi.request("sleep=2"))
        time.sleep(0.2)
        other.sendall(fcgi.request("pid")[30:])
        assert fcgi.read_answer(long).body == b"sleep"
        assert fcgi.read_answer(other).status == 200


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
