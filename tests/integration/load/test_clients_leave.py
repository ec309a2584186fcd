"""R13 of operations.md: clients that are slow or gone hold no worker."""

from __future__ import annotations

import socket
import time

import pytest

pytestmark = pytest.mark.integration


@pytest.fixture(params=["unix", "tcp"])
def app(request, start, tools, folder):
    """The test application with one worker, on either kind of socket."""
    address = str(folder / "s") if request.param == "unix" else ("127.0.0.1", tools.free_port())
    listen = f"unix:{address}" if request.param == "unix" else f"127.0.0.1:{address[1]}"
    start([*tools.daemon_app, listen, "timeout=2"], address)
    return address


def test_a_client_that_leaves_frees_the_worker_that_computes(app, fcgi):
    worker = fcgi.ask(app, "pid").body
    opened = fcgi.ask(app, "open").body
    for _ in range(5):
        with fcgi.connect(app) as client:
            client.sendall(fcgi.request("compute=60"))
            time.sleep(0.2)
        began = time.monotonic()
        assert fcgi.ask(app, "pid", timeout=30).body == worker
        assert time.monotonic() - began < 1 + 2  # 1 s, on a machine that is not shared
    assert fcgi.ask(app, "open").body == opened


def test_an_abort_frees_the_worker_that_computes(app, fcgi):
    with fcgi.connect(app) as client:
        client.sendall(fcgi.request("compute=60", keep=True))
        time.sleep(0.2)
        client.sendall(fcgi.record(fcgi.ABORT))
        began = time.monotonic()
        assert fcgi.ask(app, "pid", timeout=30).status == 200
        assert time.monotonic() - began < 1 + 2


def test_a_browser_that_leaves_frees_the_worker_behind_nginx(daemon, nginx, web_get):
    port = nginx(daemon("workers=1").path)
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", port)) as browser:
            browser.sendall(b"GET /?compute=60 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.3)
        began = time.monotonic()
        assert web_get(port, "pid").status == 200
        assert time.monotonic() - began < 1 + 2


def test_requests_that_wait_for_nobody_are_not_answered(daemon, fcgi):
    arbiter = daemon("workers=1")
    with fcgi.connect(arbiter.path) as first:
        first.sendall(fcgi.request("compute=0.5"))
        time.sleep(0.1)
        for _ in range(50):
            with fcgi.connect(arbiter.path) as impatient:
                impatient.sendall(fcgi.request("compute=1"))
        assert fcgi.read_answer(first).status == 200
    assert fcgi.ask(arbiter.path, "pid", timeout=30).status == 200  # not after 50 s


def test_a_client_that_takes_a_byte_a_second_delays_nobody_and_is_given_up(app, fcgi, tools):
    opened = fcgi.ask(app, "open").body
    with fcgi.connect(app) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(fcgi.request("size=9000000"))
        for _ in range(3):
            assert slow.recv(1)
            began = time.monotonic()
            assert fcgi.ask(app, "pid").status == 200
            assert time.monotonic() - began < 1 + 2
            time.sleep(1)
        assert tools.wait_until(lambda: fcgi.ask(app, "open").body == opened)
