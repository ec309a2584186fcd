"""What is told of the service, in any form: a table of figures, and where they come from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

from ..errors import printable
from .memory import Memory, memory_of, total
from .scoreboard import BOUNDS, STATUSES, TIERS, Event, Scoreboard, State, Sums, Worker

Number = int | float

LATENCY = "request_duration_seconds"
LATENCY_HELP = "Requests by the time that their answers took to make."


@dataclass(frozen=True)
class Look:
    """The service at one moment."""

    arbiter: int  # its process
    now: float  # of the monotonic clock
    started: float
    workers: list[Worker]
    sums: Sums
    memory: Mapping[int, Memory]  # of each process that there is


class Figure(NamedTuple):
    """One figure.  With a label, it has a value for each of the label's."""

    name: str
    kind: str  # counter or gauge
    help: str
    of: Callable[[Look], Number | Mapping[str, Number]]
    label: str = ""


def _event(event: Event) -> Callable[[Look], int]:
    return lambda look: look.sums.events[list(Event).index(event)]


FIGURES = (
    Figure("uptime_seconds", "gauge", "How long the service runs.", lambda x: x.now - x.started),
    Figure("workers", "gauge", "Worker processes.", lambda x: states(x.workers), "state"),
    Figure(
        "connections_open",
        "gauge",
        "Connections of web servers that are open now.",
        lambda x: sum(worker.connections for worker in x.workers),
    ),
    Figure("connections", "counter", "Connections accepted.", lambda x: x.sums.connections),
    Figure("requests", "counter", "Requests answered.", lambda x: x.sums.requests),
    Figure(
        "responses",
        "counter",
        "Answers by status. 499: the client was gone.",
        lambda x: dict(zip((*map(str, STATUSES), "other"), x.sums.statuses, strict=True)),
        "status",
    ),
    Figure("sent_bytes", "counter", "Bytes of the bodies of answers.", lambda x: x.sums.sent),
    Figure(
        "slow_requests",
        "counter",
        "Requests that took longer than slow_request.",
        lambda x: x.sums.slow,
    ),
    Figure(
        "cache_answers",
        "counter",
        "What was asked of the caches, by the tier that had it.",
        lambda x: dict(zip(TIERS, x.sums.tiers, strict=True)),
        "tier",
    ),
    Figure("worker_starts", "counter", "Workers started.", _event(Event.STARTED)),
    Figure("worker_failures", "counter", "Workers that ended unasked.", _event(Event.FAILED)),
    Figure(
        "worker_timeouts",
        "counter",
        "Workers killed over a request that took longer than request_timeout.",
        _event(Event.TIMED_OUT),
    ),
    Figure("reloads", "counter", "Configurations taken over.", _event(Event.RELOADED)),
    Figure("reloads_refused", "counter", "Configurations with errors.", _event(Event.REFUSED)),
    Figure(
        "memory_bytes",
        "gauge",
        "Memory of all processes, as far as the system tells; pss counts shared pages once.",
        lambda x: {k: v for k, v in total(x.memory.values())._asdict().items() if v},
        "kind",
    ),
)


def look_at(board: Scoreboard) -> Look:
    """Return the service as it is now."""
    workers, sums = board.read()
    processes = [board.arbiter, *(worker.pid for worker in workers if worker.pid)]
    memory = {process: memory_of(process) for process in processes}
    return Look(board.arbiter, time.monotonic(), board.started, workers, sums, memory)


def state_of(worker: Worker) -> str:
    """Return what a worker does, in a word."""
    if worker.state is State.STARTING:
        return "starting"
    if worker.since:
        return "busy"
    return "leaving" if worker.state is State.LEAVING else "idle"


def states(workers: list[Worker]) -> dict[str, Number]:
    """Return how many workers do what."""
    found = [state_of(worker) for worker in workers]
    return {name: found.count(name) for name in ("idle", "busy", "starting", "leaving")}


def values(look: Look) -> Iterator[tuple[str, str, Number]]:
    """Yield a name, a label's value (empty: none) and a value."""
    for figure in FIGURES:
        found = figure.of(look)
        if isinstance(found, Mapping):
            for word, value in found.items():
                yield f"{figure.name}.{word}", word, value
        else:
            yield figure.name, "", found


def buckets(look: Look) -> Iterator[tuple[str, int]]:
    """Yield each upper end, and how many requests took no longer."""
    ends = (*(f"{bound:g}" for bound in BOUNDS), "+Inf")
    yield from zip(ends, accumulate(look.sums.buckets), strict=True)


def processes(look: Look) -> Iterator[dict[str, Any]]:
    """Yield what is told of each worker."""
    for worker in look.workers:
        memory = look.memory.get(worker.pid, Memory(0, 0))
        yield {
            "pid": worker.pid,
            "generation": worker.generation,
            "state": state_of(worker),
            "uptime_seconds": look.now - worker.started if worker.started else 0.0,
            "busy_seconds": max(0.0, look.now - worker.since) if worker.since else 0.0,
            "requests": worker.requests,
            "connections_open": worker.connections,
            "rss_bytes": memory.rss,
            "pss_bytes": memory.pss,
            "asked": printable(worker.asked),
        }


def start_date(look: Look) -> str:
    """Return when the service was started."""
    moment = time.time() - (look.now - look.started)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
