from __future__ import annotations

import signal
import socket
import struct
import time

import pytest

from iipastro.daemon.presence import ClientGone, Presence, has_left


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def tcp():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        theirs = socket.create_connection(listening.getsockname())
        ours, _ = listening.accept()
        with ours, theirs:
            yield ours, theirs


def record(kind, number):
    return struct.pack("!BBHHBx", 1, kind, number, 0, 0)


def test_a_client_that_waits_is_there(pair):
    assert not has_left(pair[0], 1)


def test_a_client_that_has_closed_is_gone(pair):
    pair[1].close()
    assert has_left(pair[0], 1)


def test_a_client_that_only_sends_no_more_is_there(pair):
    pair[1].shutdown(socket.SHUT_WR)
    assert not has_left(pair[0], 1)


def test_over_tcp_the_end_of_sending_counts_as_the_end(tcp):
    ours, theirs = tcp
    assert not has_left(ours, 1)
    theirs.shutdown(socket.SHUT_WR)
    deadline = time.monotonic() + 5
    while not has_left(ours, 1) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert has_left(ours, 1)


def test_any_request_can_be_taken_back(pair):
    pair[1].sendall(record(2, 7))
    assert has_left(pair[0], 7)


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        (record(2, 1), True),
        (record(2, 2), False),  # another request's
        (record(1, 1), False),  # the next one on a kept connection
        (record(2, 1)[:3], False),
    ],
)
def test_a_request_that_is_taken_back_has_left_and_stays_to_be_read(pair, sent, left):
    pair[1].sendall(sent)
    assert has_left(pair[0], 1) is left
    assert pair[0].recv(100) == sent


def test_a_client_that_goes_while_we_compute_ends_the_request(pair):
    with Presence() as presence:
        presence.begin(pair[0], 1)
        pair[1].close()
        with pytest.raises(ClientGone):
            compute(5)


def compute(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(1000))


def test_nothing_ends_after_the_request(pair):
    with Presence() as presence:
        presence.begin(pair[0], 1)
        presence.end()
        pair[1].close()
        signal.raise_signal(signal.SIGPROF)


def test_one_request_is_ended_once(pair):
    with Presence() as presence:
        presence.begin(pair[0], 1)
        pair[1].close()
        with pytest.raises(ClientGone):
            signal.raise_signal(signal.SIGPROF)
        signal.raise_signal(signal.SIGPROF)


def test_a_client_that_has_gone_before_is_not_begun_with(pair):
    pair[1].close()
    with Presence() as presence, pytest.raises(ClientGone):
        presence.begin(pair[0], 1)


def test_what_handles_errors_lets_it_pass():
    assert not issubclass(ClientGone, Exception)


def test_the_timer_ends_with_it():
    before = signal.getsignal(signal.SIGPROF)
    with Presence():
        assert signal.getitimer(signal.ITIMER_PROF)[1] > 0
    assert signal.getitimer(signal.ITIMER_PROF) == (0, 0)
    assert signal.getsignal(signal.SIGPROF) is before


def test_a_client_that_has_just_come_is_taken_to_be_there(pair):
    presence = Presence()
    pair[1].close()
    with pytest.raises(ClientGone):
        presence.begin(pair[0], 1)
    presence.trusting = True
    presence.begin(pair[0], 1)
    presence.end()
    with pytest.raises(ClientGone):  # but no other one until the worker has slept again
        presence.begin(pair[0], 1)
