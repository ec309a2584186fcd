from __future__ import annotations

import os

import pytest

from iipastro.daemon import scoreboard
from iipastro.daemon.scoreboard import BOUNDS, STATUSES, TIERS, Event, Scoreboard, State


@pytest.fixture
def board():
    return Scoreboard(3)


@pytest.fixture
def slot(board):
    return board.take(7)


def test_a_slot_that_is_taken_shows_a_worker_that_starts(board, slot):
    (worker,), sums = board.read()
    assert (worker.pid, worker.generation, worker.state) == (0, 7, State.STARTING)
    assert dict(zip(Event, sums.events, strict=True))[Event.STARTED] == 1
    slot.attach()
    slot.be(State.READY)
    (worker,), _ = board.read()
    assert (worker.pid, worker.state) == (os.getpid(), State.READY)
    assert worker.heartbeat == worker.started > 0


def test_a_request_that_begins_can_be_seen(board, slot):
    slot.begin(12.5, "FIF=\xe9.tif&JTL=0,0")
    assert slot.since == 12.5
    assert slot.asked == "FIF=\xe9.tif&JTL=0,0"
    slot.begin(13.0, "INV")
    assert slot.asked == "INV"
    (worker,), _ = board.read()
    assert (worker.since, worker.asked, worker.requests) == (13.0, "INV", 0)


def test_what_is_asked_is_cut_and_never_too_long_or_too_strange_for_its_slot(board, slot):
    other = board.take(0)
    other.begin(1.0, "other")
    slot.begin(1.0, "\u2603" * 5000)
    assert slot.asked == "?" * 256
    assert other.asked == "other"


@pytest.mark.parametrize(
    ("seconds", "bucket"),
    [(0.0, 0), (0.0001, 0), (0.00011, 1), (0.003, 5), (30.0, 16), (30.1, 17)],
)
def test_a_request_that_ends_is_counted_everywhere_once(board, slot, seconds, bucket):
    slot.begin(1.0, "x")
    slot.end(404, 120, seconds)
    (worker,), sums = board.read()
    assert (worker.since, worker.requests) == (0.0, 1)
    assert (sums.requests, sums.sent, sums.seconds, sums.slow) == (1, 120, seconds, 0)
    assert sums.statuses == (0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)
    assert sums.buckets == tuple(int(place == bucket) for place in range(len(BOUNDS) + 1))


def test_a_status_without_a_place_of_its_own_is_counted_with_the_others(board, slot):
    slot.end(418, 0, 0.0)
    assert board.read()[1].statuses == (*[0] * len(STATUSES), 1)


def test_connections_slow_requests_and_cache_hits_are_counted(board, slot):
    slot.accepted()
    slot.accepted()
    slot.slow()
    slot.tiers((5, 3, 1))
    slot.tiers((6, 3, 2))
    slot.beat(20.0, 2)
    (worker,), sums = board.read()
    assert (sums.connections, sums.slow, sums.tiers) == (2, 1, (6, 3, 2))
    assert len(sums.tiers) == len(TIERS)
    assert (worker.heartbeat, worker.connections) == (20.0, 2)


def test_a_worker_is_heard_at_the_end_of_a_request_and_in_none_when_it_goes_round(board, slot):
    slot.begin(50.0, "x")
    slot.end(200, 1, 2.5)
    assert (slot.heartbeat, slot.since) == (52.5, 0.0)
    slot.begin(60.0, "y")  # whose end an exception prevents
    slot.beat(61.0, 1)
    assert (slot.heartbeat, slot.since) == (61.0, 0.0)


def test_sums_hold_the_workers_that_are_gone(board, slot):
    slot.begin(1.0, "x")
    slot.end(200, 1000, 0.5)
    slot.tiers((1, 2, 3))
    board.release(slot)
    workers, sums = board.read()
    assert workers == []
    assert (sums.requests, sums.sent, sums.seconds, sums.tiers) == (1, 1000, 0.5, (1, 2, 3))
    again = board.take(8)
    again.end(200, 24, 0.25)
    (worker,), sums = board.read()
    assert (worker.generation, worker.pid, worker.requests, worker.asked) == (8, 0, 1, "")
    assert (sums.requests, sums.sent, sums.seconds) == (2, 1024, 0.75)


def test_a_board_that_is_full_gives_nothing_until_a_slot_is_free(board):
    slots = [board.take(0) for _ in range(3)]
    assert board.take(0) is None
    board.release(slots[1])
    assert board.take(0).index == slots[1].index


def test_a_child_writes_what_its_parent_reads(board, slot):
    child = os.fork()
    if child == 0:
        slot.attach()
        slot.begin(2.0, "from the child")
        os._exit(0)
    os.waitpid(child, 0)
    assert (slot.read().pid, slot.asked) == (child, "from the child")


def test_a_reader_waits_only_so_long_for_an_arbiter_that_died_over_a_sum(board, slot):
    slot.end(200, 1, 0.1)
    board._words[scoreboard._VERSION] += 1  # odd: sums are being added
    assert board.read()[1].requests == 1


def test_the_board_knows_its_arbiter(board):
    assert board.arbiter == os.getpid()
    assert board.started > 0


def test_a_state_that_nobody_has_written_is_the_end_of_a_worker():
    assert State(12345) is State.LEAVING
