"""What takes too long: a request that is shown, a worker that is killed."""

from __future__ import annotations

import logging
import math
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from ..log.lines import escaped
from .crew import STACK, WHOLE, Member
from .scoreboard import Event, Scoreboard
from .stacks import in_one_line

_TICK = 1.0  # seconds between looks at the clock
_LAST_WORD = 0.5  # seconds that a worker has for writing its stack, before it is killed

_log = logging.getLogger("iipastro")
_slow = logging.getLogger("iipastro.slow")


@dataclass(frozen=True)
class Times:
    """How long a request may take, in seconds."""

    request_timeout: float  # its worker is killed
    slow_request: float  # its stack is written to the slow log; 0: of none


class Judge:
    """Looks at the members of a crew, from time to time.

    A worker in a request is seen by when that began; one that is stuck
    elsewhere, or suspended, by its heartbeat.  If we have been suspended
    ourselves, so probably has everybody (a container, a machine), and nobody is
    judged by the time before.
    """

    def __init__(self, members: Sequence[Member], board: Scoreboard):
        self._members = members
        self._board = board
        self._expected = math.inf  # when we look again
        self._woken = 0.0  # when we last came too late for that

    def pause(self, times: Times, now: float) -> float:
        """Return how long nothing is to do, in seconds: one at most.

        A request that begins meanwhile is not overlooked: its times are not over before.
        """
        moments = [now + min(_TICK, times.request_timeout, times.slow_request or _TICK)]
        for member in self._members:
            moments += [when for when in (member.due, member.condemned) if when is not None]
            since = _since(member)
            if since and member.condemned is None:
                moments.append(since + times.request_timeout)
                if times.slow_request and member.shown != since:
                    moments.append(since + times.slow_request)
            if member.said:
                moments.append(member.heard + WHOLE)
        self._expected = max(now, min(moments))
        return self._expected - now

    def look_around(self, times: Times, now: float) -> None:
        """Do what is due."""
        late, self._expected = now - self._expected, math.inf
        if late > _TICK:
            self._woken = now
            for member in self._members:
                member.due = None if member.due is None else member.due + late
        for member in self._members:
            self.show(member, member.stack(now))
            if member.condemned is None:
                self._look_at(member, times, now)
            if member.due is not None and now >= member.due:
                _log.warning("worker %d does not leave and is killed", member.process)
                _kill(member)
            elif member.condemned is not None and now >= member.condemned:
                _kill(member)

    def show(self, member: Member, stack: str) -> None:
        """Write a stack to the slow log, if there is one.  A condemned worker has said all."""
        if not stack:
            return
        asked, text = escaped(member.slot.asked), in_one_line(stack)
        _slow.warning("worker %d, stack in %s: %s", member.process, asked, text)
        if member.condemned is not None:
            member.condemned = 0.0

    def _look_at(self, member: Member, times: Times, now: float) -> None:
        """Ask for the stack of a worker whose request takes long; condemn it if too long."""
        since, limit = _since(member), times.request_timeout
        silent = now - max(member.slot.heartbeat, member.started, self._woken)
        if since and now - max(since, self._woken) >= limit:
            self._condemn(member, now, f"its request takes more than {limit:g} s")
        elif not since and silent >= limit + 2 * _TICK:
            self._condemn(member, now, f"it has been silent for {silent:.1f} s")
        elif since and 0 < times.slow_request <= now - since and member.shown != since:
            member.shown = since
            os.kill(member.process, STACK)

    def _condemn(self, member: Member, now: float, why: str) -> None:
        """Let a worker write its stack before it is killed."""
        _log.error("worker %d is killed: %s", member.process, why)
        self._board.count(Event.TIMED_OUT)
        member.condemned = now + _LAST_WORD
        os.kill(member.process, STACK)


def _since(member: Member) -> float:
    """Return when the request began that a worker is in; 0: it is in none.

    Whoever has gone round since is in it no more, even if it did not come to say so.
    """
    since = member.slot.since
    return since if since > 0 and since >= member.slot.heartbeat else 0.0


def _kill(member: Member) -> None:
    """Kill a worker, once: nothing more is due until it is noticed to be gone."""
    os.kill(member.process, signal.SIGKILL)
    member.condemned = math.inf
    if member.due is not None:
        member.due = math.inf
