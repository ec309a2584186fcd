"""The figures of the service, from a scoreboard of which everything is known."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from iipastro.daemon.figures import FIGURES, buckets, look_at, processes, state_of, values
from iipastro.daemon.memory import Memory
from iipastro.daemon.scoreboard import Event, Scoreboard, State


@pytest.fixture
def board():
    return Scoreboard(5)


@pytest.fixture
def worker(board):
    slot = board.take(0)
    slot.attach()
    slot.be(State.READY)
    return slot


def told(board):
    return {name: value for name, _, value in values(look_at(board))}


def test_every_figure_counts_what_it_says(board, worker):
    for status, size, seconds in [(200, 1000, 0.004), (200, 500, 0.006), (404, 9, 40.0)]:
        worker.begin(1.0, "x")
        worker.end(status, size, seconds)
    worker.accepted()
    worker.slow()
    worker.tiers((4, 3, 2))
    worker.beat(1.0, 6)
    for event in Event:
        board.count(event)
    board.count(Event.TIMED_OUT)
    found = told(board)
    assert found["requests"] == 3
    assert found["sent_bytes"] == 1509
    assert (found["responses.200"], found["responses.404"], found["responses.500"]) == (2, 1, 0)
    assert (found["connections"], found["connections_open"]) == (1, 6)
    assert found["slow_requests"] == 1
    assert [found[f"cache_answers.{tier}"] for tier in ("memory", "memcached", "miss")] == [4, 3, 2]
    assert (found["worker_starts"], found["worker_failures"], found["worker_timeouts"]) == (2, 1, 2)
    assert (found["reloads"], found["reloads_refused"]) == (1, 1)
    assert found["memory_bytes.rss"] > found["memory_bytes.pss"] > 0
    assert 0 <= found["uptime_seconds"] < 60
    assert dict(buckets(look_at(board))) == {
        **dict.fromkeys(["0.0001", "0.00025", "0.0005", "0.001", "0.0025"], 0),
        "0.005": 1,
        **dict.fromkeys(["0.01", "0.025", "0.05", "0.1", "0.25", "0.5"], 2),
        **dict.fromkeys(["1", "2.5", "5", "10", "30"], 2),
        "+Inf": 3,
    }


def test_memory_that_the_system_keeps_from_us_is_left_out(board):
    look = look_at(board)
    hidden = replace(look, memory={1: Memory(5, 3), 2: Memory(7, 0)})
    assert [x for x in values(hidden) if x[0].startswith("memory")] == [
        ("memory_bytes.rss", "rss", 12)
    ]


def test_a_worker_is_in_one_state(board, worker):
    assert state_of(worker.read()) == "idle"
    worker.begin(1.0, "x")
    assert state_of(worker.read()) == "busy"
    worker.be(State.LEAVING)
    assert state_of(worker.read()) == "busy"
    worker.end(200, 0, 0.1)
    assert state_of(worker.read()) == "leaving"
    board.take(0)
    found = told(board)
    assert {name: value for name, value in found.items() if name.startswith("workers.")} == {
        "workers.idle": 0,
        "workers.busy": 0,
        "workers.starting": 1,
        "workers.leaving": 1,
    }


def test_a_process_shows_what_it_works_on(board, worker):
    look = look_at(board)
    worker.begin(look.now, "FIF=\xe9\n.tif")
    (process,) = processes(look_at(board))
    assert process["pid"] == os.getpid()
    assert process["state"] == "busy"
    assert 0 <= process["busy_seconds"] < 60
    assert process["asked"] == r"FIF=\xe9\x0a.tif"
    assert process["rss_bytes"] > 0


def test_a_worker_that_only_starts_has_no_age_and_no_memory(board):
    board.take(3)
    (process,) = processes(look_at(board))
    assert (process["pid"], process["uptime_seconds"], process["pss_bytes"]) == (0, 0.0, 0)
    assert process["generation"] == 3


def test_no_two_figures_have_one_name():
    names = [figure.name for figure in FIGURES]
    assert len(set(names)) == len(names)
    assert {figure.kind for figure in FIGURES} == {"counter", "gauge"}
