"""A server asked over its socket; in its place stands one that says what a test wants."""

from __future__ import annotations

import socketserver
import struct
import threading

import pytest

from iipastro.daemon.client import NoAnswer, ask

END, STDOUT = 3, 6


def record(kind, content=b"", padding=0):
    head = struct.pack("!BBHHBx", 1, kind, 1, len(content), padding)
    return head + content + b"\0" * padding


@pytest.fixture
def answering(tmp_path):
    """Serve one request with these bytes, once it has been sent whole."""
    opened = []

    def serve(data):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                asked = b""
                while not asked.endswith(struct.pack("!BBHHBx", 1, 5, 1, 0, 0)):
                    asked += self.request.recv(4096)
                self.server.asked = asked
                self.request.sendall(data)

        server = socketserver.UnixStreamServer(str(tmp_path / "s"), Handler)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        opened.append((server, thread))
        return server

    yield serve
    for server, thread in opened:
        thread.join()
        server.server_close()


def test_an_answer_is_status_and_body(answering, tmp_path):
    output = b"Status: 404 Not Found\r\nServer: x\r\n\r\nno\r\n\r\nsuch thing"
    server = answering(record(STDOUT, output[:9], 3) + record(STDOUT, output[9:]) + record(END))
    found = ask(f"unix:{tmp_path}/s", {"QUERY_STRING": "json", "X": "\xe9"}, 10)
    assert found == (404, b"no\r\n\r\nsuch thing")
    assert b"\x0c\x04QUERY_STRINGjson\x01\x01X\xe9" in server.asked


def test_an_answer_without_a_status_is_200(answering, tmp_path):
    answering(record(STDOUT, b"Server: x\r\n\r\npong\n") + record(STDOUT) + record(END, bytes(8)))
    assert ask(f"unix:{tmp_path}/s", {}, 10) == (200, b"pong\n")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the connection was closed"),
        (record(STDOUT, b"half")[:-2], "the connection was closed"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not answer as iipastro does"),
        (record(STDOUT, b"Status: good\r\n\r\n") + record(END), "does not answer as iipastro does"),
    ],
)
def test_what_is_no_answer_is_told(answering, tmp_path, data, why):
    answering(data)
    with pytest.raises(NoAnswer, match=why):
        ask(f"unix:{tmp_path}/s", {}, 10)


@pytest.mark.parametrize(
    ("listen", "why"),
    [
        ("unix:/nowhere/s", "no answer from unix:/nowhere/s: No such file or directory"),
        ("127.0.0.1:1", "no answer from 127.0.0.1:1: Connection refused"),
        ("fd:0", "fd:0 names no socket: say which with --connect"),
        ("systemd", "systemd names no socket: say which with --connect"),
    ],
)
def test_a_server_that_cannot_be_asked_is_told(listen, why):
    with pytest.raises(NoAnswer, match=why):
        ask(listen, {}, 10)
