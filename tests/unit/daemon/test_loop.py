"""The loop with pipes in place of sockets; tests/integration/test_clients.py has real ones."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import threading
import time

import pytest

from iipastro.daemon import loop as loops
from iipastro.daemon.loop import Limits, Loop
from iipastro.daemon.scoreboard import Scoreboard
from iipastro.response import answer


def request(keep):
    head = struct.pack("!BBHHBxHB5x", 1, 1, 1, 8, 0, 1, keep)
    return head + struct.pack("!BBHHBx", 1, 4, 1, 0, 0) + struct.pack("!BBHHBx", 1, 5, 1, 0, 0)


class Pipe:
    """Something with a descriptor that can be read when it has been woken."""

    def __init__(self):
        self.out, self.into = os.pipe2(os.O_NONBLOCK)

    def fileno(self):
        return self.out

    def wake(self):
        os.write(self.into, b"!")

    def sleep(self):
        with contextlib.suppress(BlockingIOError):
            os.read(self.out, 100)

    def close(self):
        for descriptor in (self.out, self.into):
            with contextlib.suppress(OSError):
                os.close(descriptor)


class FakeClient(Pipe):
    """Sends what it is given, a piece each time it is read."""

    def __init__(self, *pieces):
        super().__init__()
        self.pieces, self.sent = list(pieces), b""

    def say(self, piece):
        self.pieces.append(piece)
        self.wake()

    def recv(self, size, flags):
        self.sleep()
        if not self.pieces:
            raise BlockingIOError
        return self.pieces.pop(0)

    def sendmsg(self, buffers, ancillary, flags):
        data = b"".join(buffers)
        self.sent += data
        return len(data)


class FakeListener(Pipe):
    """Gives the clients that wait, or raises what waits among them."""

    def __init__(self):
        super().__init__()
        self.waiting, self.accepted = [], 0

    def add(self, *clients):
        self.waiting += clients
        self.wake()

    def accept(self):
        self.accepted += 1
        if not self.waiting:
            self.sleep()
            raise BlockingIOError
        first = self.waiting.pop(0)
        if isinstance(first, OSError):
            raise first
        return first, None


class NoPresence:
    """Clients that stay."""

    def begin(self, client, number):
        pass

    def end(self):
        pass


def loop_of(listener, respond, limits, slot=None):
    return Loop(listener, respond, limits, slot or Scoreboard(2).take(0), NoPresence())


@pytest.fixture
def listener():
    opened = FakeListener()
    yield opened
    opened.close()


@pytest.fixture
def loop(listener, monkeypatch):
    monkeypatch.setattr(loops, "_TICK", 0.02)
    with loop_of(listener, lambda e, b: answer("text/plain", b"ok"), Limits(60, 100)) as opened:
        yield opened


def test_a_client_is_accepted_and_answered_in_one_turn(loop, listener):
    client = FakeClient(request(keep=False))
    listener.add(client)
    assert loop.turn() == set()
    assert b"ok" in client.sent


def test_a_kept_client_and_a_new_one_are_answered_in_the_same_turn(loop, listener):
    kept, new = FakeClient(request(keep=True)), FakeClient(request(keep=True))
    listener.add(kept)
    loop.turn()
    kept.say(request(keep=True))
    listener.add(new)
    loop.turn()
    assert (kept.sent.count(b"ok"), new.sent.count(b"ok")) == (2, 1)


def test_a_client_with_many_requests_gets_one_answer_a_turn(loop, listener):
    greedy = FakeClient(request(keep=True) * 3)
    listener.add(greedy)
    for answers in (1, 2, 3, 3):
        loop.turn()
        assert greedy.sent.count(b"ok") == answers


def test_a_worker_is_worn_when_it_has_answered_enough(listener):
    limits = Limits(60, 100, 10)
    with loop_of(listener, lambda e, b: answer("text/plain", b"ok"), limits) as loop:
        for count in range(1, 12):
            assert loop.worn is False
            listener.add(FakeClient(request(False)))
            loop.turn()
            if count >= 10 and loop.worn:  # of 10, or of up to a tenth more
                break
    assert loop.worn
    assert count in {10, 11}


def test_without_a_limit_no_worker_is_ever_worn(loop, listener):
    listener.add(FakeClient(request(False)))
    loop.turn()
    assert not loop.worn


def test_connections_are_counted_and_each_turn_is_a_sign_of_life(listener):
    board, beats = Scoreboard(2), []
    slot = board.take(0)

    def respond(environ, body):
        beats.append(slot.heartbeat)
        return answer("text/plain", b"ok")

    with loop_of(listener, respond, Limits(60, 100), slot) as loop:
        for client in (first := FakeClient(request(True)), second := FakeClient(request(True))):
            listener.add(client)
            loop.turn()
        first.say(request(True))
        second.say(request(True))
        loop.turn()
    assert board.read()[1].connections == 2
    assert beats[0] < beats[1] < beats[2]


def test_an_empty_queue_is_no_error(loop, listener):
    listener.wake()
    assert loop.turn() == set()
    assert listener.accepted == 1


def test_without_descriptors_the_listener_rests_until_the_next_look(loop, listener, monkeypatch):
    monkeypatch.setattr(loops, "_TICK", 0.2)
    loop.turn()  # the first look
    listener.add(OSError(errno.EMFILE, "Too many open files"), client := FakeClient(request(False)))
    for _ in range(2):
        loop.turn()
        assert (listener.accepted, client.sent) == (1, b"")
    loop.turn()
    assert b"ok" in client.sent


def test_a_full_worker_closes_a_connection_that_is_only_kept(loop, listener, monkeypatch):
    monkeypatch.setattr(loops, "CONNECTIONS", 2)
    silent, kept, new = FakeClient(), FakeClient(request(True)), FakeClient(request(True))
    for client in (silent, kept, new):
        listener.add(client)
        loop.turn()
        assert loop.turn() == set()
    assert b"ok" in new.sent
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(kept.out)
    os.fstat(silent.out)


def test_that_is_the_one_that_has_asked_for_nothing_for_the_longest(loop, listener, monkeypatch):
    monkeypatch.setattr(loops, "CONNECTIONS", 3)
    first, second, new = (FakeClient(request(True)) for _ in range(3))
    for client in (first, second):
        listener.add(client)
        loop.turn()
    first.say(request(True))
    loop.turn()
    listener.add(new)
    loop.turn()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(second.out)
    os.fstat(first.out)
    os.fstat(new.out)


def test_a_full_worker_of_busy_clients_accepts_nobody(loop, listener, monkeypatch):
    monkeypatch.setattr(loops, "CONNECTIONS", 1)
    monkeypatch.setattr(loops, "_TICK", 0.2)
    loop.turn()  # the first look
    busy, new = FakeClient(request(False)[:9]), FakeClient(request(True))
    listener.add(busy, new)
    for _ in range(3):
        loop.turn()
        assert (listener.accepted, new.sent) == (1, b"")
    busy.say(request(False)[9:])
    for _ in range(3):
        loop.turn()
    assert b"ok" in busy.sent
    assert b"ok" in new.sent


def test_what_stands_still_is_closed(listener, monkeypatch):
    monkeypatch.setattr(loops, "_TICK", 0.01)
    with loop_of(listener, lambda e, b: answer("text/plain", b""), Limits(0.05, 100)) as loop:
        silent = FakeClient()
        listener.add(silent)
        for _ in range(10):
            loop.turn()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(silent.out)


def test_a_heeded_descriptor_is_told_once_each_time(loop):
    bell = Pipe()
    loop.heed(bell.fileno())
    assert loop.turn() == set()
    bell.wake()
    assert loop.turn() == {bell.out}
    assert loop.turn() == set()
    bell.close()


def test_in_the_end_only_busy_connections_are_waited_for(loop, listener):
    kept, half = FakeClient(request(True)), FakeClient(request(False)[:20])
    for client in (kept, half):
        listener.add(client)
        loop.turn()
    loop.stop_accepting()
    assert loop.only_busy()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(kept.out)
    half.say(request(False)[20:])
    loop.turn()
    assert b"ok" in half.sent
    assert not loop.only_busy()


def test_in_the_end_a_first_request_is_waited_for_but_not_for_long(loop, listener):
    silent, late = FakeClient(), FakeClient()
    for client in (silent, late):
        listener.add(client)
        loop.turn()
    loop.stop_accepting()
    assert loop.only_busy()
    late.say(request(False))
    loop.turn()
    assert b"ok" in late.sent
    time.sleep(0.03)  # more than a look at the clock
    assert not loop.only_busy()


def test_in_the_end_a_request_that_came_on_a_kept_connection_is_answered(loop, listener):
    kept = FakeClient(request(True))
    listener.add(kept)
    loop.turn()
    loop.stop_accepting()
    kept.say(request(True))
    loop.only_busy()
    assert kept.sent.count(b"ok") == 2


def test_a_loop_that_has_stopped_accepting_does_not_begin_again(loop, listener):
    half, new = FakeClient(request(False)[:20]), FakeClient(request(False))
    listener.add(half)
    loop.turn()
    loop.stop_accepting()
    listener.add(new)
    for _ in range(4):  # looks at the clock, too
        loop.turn()
    assert (listener.accepted, new.sent) == (1, b"")


def test_what_comes_during_a_long_request_is_read_before_it_is_called_late(listener, monkeypatch):
    monkeypatch.setattr(loops, "_TICK", 0.01)
    other = FakeClient(request(False)[:20])

    def respond(environ, body):
        if other.pieces == [] and not other.sent:
            other.say(request(False)[20:])
            time.sleep(0.1)
        return answer("text/plain", b"ok")

    with loop_of(listener, respond, Limits(0.05, 100)) as loop:
        for client in (other, FakeClient(request(False))):
            listener.add(client)
            loop.turn()
        assert b"ok" in other.sent


def test_what_is_late_after_a_long_request_is_closed_in_the_same_turn(listener, monkeypatch):
    monkeypatch.setattr(loops, "_TICK", 0.01)

    def respond(environ, body):
        time.sleep(0.1)
        return answer("text/plain", b"ok")

    with loop_of(listener, respond, Limits(0.05, 100)) as loop:
        silent = FakeClient()
        for client in (silent, FakeClient(request(False))):
            listener.add(client)
            loop.turn()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(silent.out)


def test_only_who_comes_to_a_worker_that_slept_is_taken_to_be_there(listener, monkeypatch):
    monkeypatch.setattr(loops, "_ASLEEP", 0.01)
    trusted = []

    def respond(environ, body):
        trusted.append(presence.trusting)
        if len(trusted) == 1:
            listener.add(FakeClient(request(False)))  # while we are busy
        return answer("text/plain", b"ok")

    presence = NoPresence()
    with Loop(listener, respond, Limits(60, 100), Scoreboard(2).take(0), presence) as loop:
        late = threading.Timer(0.05, listener.add, [FakeClient(request(False))])
        late.start()
        for _ in range(2):
            loop.turn()
        late.join()
        assert not presence.trusting
    assert trusted == [True, False]
