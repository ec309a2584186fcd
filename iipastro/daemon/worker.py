"""A worker process: how it begins, what it heeds besides clients, and how it leaves."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

from .connection import Responder
from .crew import REOPEN, STACK
from .loop import Limits, Loop
from .presence import Presence
from .scoreboard import Slot, State
from .signals import Wakeup
from .sockets import Entrance


@dataclass(frozen=True)
class Duty:
    """What a worker is given to do."""

    # called after the fork: what it opens and what it draws by lot is the worker's own
    build: Callable[[Slot], Responder]
    limits: Limits
    reopen: Callable[[], None]  # the logs


def work(duty: Duty, listening: socket.socket, slot: Slot, voice: int) -> int:
    """Serve until TERM comes or enough is done; return the exit status."""
    faulthandler.register(STACK, voice, all_threads=True)
    with (
        Wakeup([signal.SIGTERM, REOPEN]) as wakeup,
        Presence() as presence,
        Loop(Entrance(listening), duty.build(slot), duty.limits, slot, presence) as loop,
    ):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [REOPEN])
        loop.heed(wakeup.fileno())
        _tell(slot, State.READY, voice)
        woken: set[int] = set()
        while not (_leaves(duty, wakeup, woken) or loop.worn):
            woken = loop.turn()
        loop.stop_accepting()
        _tell(slot, State.LEAVING, voice)
        while loop.only_busy():
            woken = loop.turn()
            _leaves(duty, wakeup, woken)
    return 0


def _tell(slot: Slot, state: State, voice: int) -> None:
    """Tell the arbiter what we are ready for; if it does not listen, it will see."""
    slot.be(state)
    with contextlib.suppress(OSError):
        os.write(voice, b"\n")


def _leaves(duty: Duty, wakeup: Wakeup, woken: set[int]) -> bool:
    """Heed the signals that have come; return whether one says that we leave."""
    received = wakeup.take() if wakeup.fileno() in woken else set()
    if REOPEN in received:
        duty.reopen()
    return signal.SIGTERM in received
