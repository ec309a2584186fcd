from __future__ import annotations

import logging
import socket
import struct

import pytest

from iipastro.daemon import connection
from iipastro.daemon.connection import Connection, Wants, rest_of
from iipastro.daemon.presence import ClientGone
from iipastro.response import answer


def record(kind, content=b"", number=1):
    return struct.pack("!BBHHBx", 1, kind, number, len(content), 0) + content


def begin(role=1, keep=False):
    return record(1, struct.pack("!HB5x", role, keep))


def get(keep=False):
    return begin(keep=keep) + record(4) + record(5)


class FakeSocket:
    """Gives what it holds, a piece a call, and takes `room` bytes a call."""

    def __init__(self, *pieces, room=1 << 30):
        self.pieces, self.room, self.sent = list(pieces), room, b""
        self.shut = self.closed = False

    def recv(self, size, flags):
        assert flags & socket.MSG_DONTWAIT
        if not self.pieces:
            raise BlockingIOError
        piece = self.pieces.pop(0)
        if isinstance(piece, OSError):
            raise piece
        return piece

    def sendmsg(self, buffers, ancillary, flags):
        assert flags & socket.MSG_DONTWAIT
        if isinstance(self.room, OSError):
            raise self.room
        if not self.room:
            raise BlockingIOError
        data = b"".join(buffers)[: self.room]
        self.room -= len(data)
        self.sent += data
        return len(data)

    def shutdown(self, how):
        self.shut = how == socket.SHUT_WR

    def close(self):
        self.closed = True

    def fileno(self):
        return 7


class FakePresence:
    """A client that is there, or gone when it is looked for the `gone`th time."""

    def __init__(self, gone=0):
        self.gone, self.looks, self.looking = gone, 0, None

    def begin(self, client, number):
        self.looks += 1
        if self.looks == self.gone:
            raise ClientGone
        self.looking = (client, number)

    def end(self):
        self.looking = None


def connected(fake, respond=lambda environ, body: answer("text/plain", b"body"), presence=None):
    return Connection(fake, 100, respond, presence or FakePresence())


def ended(sent):
    """How many requests were answered to their end."""
    return sent.count(record(6) + record(3, b"\0" * 8))


def test_a_request_that_comes_whole_is_answered_in_one_turn():
    fake = FakeSocket(get())
    assert connected(fake).advance() is Wants.CLOSED
    assert fake.closed
    assert b"Content-Type: text/plain" in fake.sent
    assert b"\r\n\r\nbody" in fake.sent
    assert ended(fake.sent) == 1


def test_a_connection_to_be_kept_waits_for_the_next_request():
    fake = FakeSocket(get(keep=True))
    kept = connected(fake)
    assert not kept.idle
    assert kept.advance() is Wants.READ
    assert (kept.idle, kept.busy, fake.closed) == (True, False, False)
    fake.pieces = [get()]
    assert kept.advance() is Wants.CLOSED
    assert ended(fake.sent) == 2


def test_one_turn_answers_one_request():
    fake = FakeSocket(get(keep=True) * 3)
    busy = connected(fake)
    assert [busy.advance(), ended(fake.sent)] == [Wants.NOTHING, 1]
    assert [busy.advance(), ended(fake.sent)] == [Wants.NOTHING, 2]
    assert [busy.advance(), ended(fake.sent)] == [Wants.READ, 3]


def test_half_a_request_waits_for_the_other_half():
    fake = FakeSocket(get()[:20])
    waiting = connected(fake)
    assert waiting.advance() is Wants.READ
    assert waiting.busy
    assert waiting.advance() is Wants.READ  # woken for nothing
    fake.pieces = [get()[20:]]
    assert waiting.advance() is Wants.CLOSED
    assert ended(fake.sent) == 1


def test_what_does_not_fit_is_sent_later():
    fake = FakeSocket(get(), room=30)
    slow = connected(fake)
    assert slow.advance() is Wants.WRITE
    assert slow.busy
    fake.room = 50
    assert slow.advance() is Wants.WRITE
    fake.room = 1000
    assert slow.advance() is Wants.CLOSED
    whole = FakeSocket(get())
    connected(whole).advance()
    assert fake.sent == whole.sent


@pytest.mark.parametrize(
    "fake",
    [
        FakeSocket(b""),
        FakeSocket(ConnectionResetError()),
        FakeSocket(b"GET / HTTP/1.1\r\n"),
        FakeSocket(get(keep=True), room=BrokenPipeError()),
    ],
    ids=["the end", "a reset", "no FastCGI", "nobody to send to"],
)
def test_what_a_client_does_wrong_ends_the_connection(fake):
    assert connected(fake).advance() is Wants.CLOSED
    assert fake.closed


def test_a_request_of_a_client_that_has_gone_is_not_answered():
    fake = FakeSocket(get(keep=True) * 2)
    kept = connected(fake, presence=FakePresence(gone=2))
    assert kept.advance() is Wants.NOTHING
    assert kept.advance() is Wants.CLOSED
    assert fake.closed
    assert ended(fake.sent) == 1


def test_a_client_is_looked_after_while_its_answer_is_made_and_no_longer():
    presence, seen = FakePresence(), []

    def respond(environ, body):
        seen.append(presence.looking)
        raise ClientGone

    fake = FakeSocket(get())
    assert connected(fake, respond, presence).advance() is Wants.CLOSED
    assert seen == [(fake, 1)]
    assert presence.looking is None
    assert (fake.closed, fake.sent) == (True, b"")


def test_after_the_last_reply_the_rest_is_dropped_until_the_client_closes():
    fake = FakeSocket(begin(role=2) + record(4, b"x"), b"more", get(), b"")
    refused = connected(fake)
    assert refused.advance() is Wants.READ
    assert fake.shut
    assert fake.sent == record(3, b"\0\0\0\0\x03\0\0\0")
    assert [refused.advance() for _ in range(2)] == [Wants.READ] * 2
    assert refused.advance() is Wants.CLOSED
    assert len(fake.sent) == 16


@pytest.mark.parametrize("wrong", ["an exception", "a header"])
def test_an_application_that_fails_is_a_500_and_a_log_line(caplog, wrong):
    def respond(environ, body):
        if wrong == "a header":
            return answer("text/plain", b"", ("X-Name", "\u2603"))
        raise ZeroDivisionError("in /srv/secret")

    fake = FakeSocket(get())
    with caplog.at_level(logging.ERROR, "iipastro"):
        assert connected(fake, respond).advance() is Wants.CLOSED
    assert b"Status: 500 Internal Server Error\r\n" in fake.sent
    assert b"secret" not in fake.sent
    assert caplog.records[0].exc_info is not None


@pytest.mark.parametrize(
    ("pieces", "late"),
    [
        ((), True),
        ((get()[:20],), True),
        ((get(keep=True),), False),
        ((get(keep=True), get()[:20]), True),
    ],
    ids=["nothing sent", "half a request", "kept", "half of a second request"],
)
def test_only_a_kept_connection_may_stand_still(monkeypatch, pieces, late):
    clock = [100.0]
    monkeypatch.setattr(connection.time, "monotonic", lambda: clock[0])
    standing = connected(FakeSocket(*pieces))
    for _ in pieces:
        clock[0] += 60
        standing.advance()
    assert not standing.overdue(clock[0], 5)
    assert standing.overdue(clock[0] + 6, 5) is late


def test_an_answer_that_is_not_taken_is_overdue(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(connection.time, "monotonic", lambda: clock[0])
    slow = connected(FakeSocket(get(keep=True)[:20], get(keep=True)[20:], room=10))
    slow.advance()
    clock[0] = 200
    slow.advance()
    assert not slow.overdue(204, 5)
    assert slow.overdue(206, 5)


def test_an_answer_that_moves_is_never_overdue(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(connection.time, "monotonic", lambda: clock[0])
    fake = FakeSocket(get())
    steady = connected(fake)
    for _ in range(5):
        clock[0] += 4
        fake.room = 10
        assert steady.advance() is Wants.WRITE
    assert not steady.overdue(clock[0] + 4, 5)
    assert steady.overdue(clock[0] + 6, 5)


def test_the_time_an_answer_takes_to_be_made_is_not_the_clients(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(connection.time, "monotonic", lambda: clock[0])

    def respond(environ, body):
        clock[0] += 60
        return answer("text/plain", b"body")

    waiting = connected(FakeSocket(get(), room=0), respond)
    assert waiting.advance() is Wants.WRITE
    assert not waiting.overdue(clock[0] + 4, 5)
    assert waiting.overdue(clock[0] + 6, 5)


@pytest.mark.parametrize(
    ("sent", "left"),
    [(0, [b"abc", b"de"]), (1, [b"bc", b"de"]), (3, [b"de"]), (4, [b"e"]), (5, [])],
)
def test_what_is_left_of_an_answer_begins_where_the_sending_stopped(sent, left):
    assert list(rest_of([memoryview(b"abc"), memoryview(b"de")], sent)) == left
