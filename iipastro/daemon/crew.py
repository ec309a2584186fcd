"""The worker processes: started, heard, and noticed when they end."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .prctl import signal_without_parent
from .scoreboard import Scoreboard, Slot, State
from .signals import Wakeup, held_back

HANDLED = (
    *(signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU),
)
STACK = signal.SIGUSR2  # tells a worker to write its stack
REOPEN = signal.SIGUSR1  # tells it to open its logs anew

# What a young worker leaves to the system; the last one waits until its handler is there.
_UNTIL_READY = (signal.SIGTERM, signal.SIGCHLD, REOPEN)
_HEARD = 1 << 16  # bytes: what a pipe holds
WHOLE = 0.05  # seconds without a further word, after which a stack is whole

_log = logging.getLogger("iipastro")


# What a worker runs: the listener, its slot, and its voice, the descriptor of a pipe which takes
# what it has to say (a line feed is "look at my slot").  Returns the exit status.
Work = Callable[[socket.socket, Slot, int], int]


@dataclass(eq=False)
class Member:
    """A worker as the arbiter knows it."""

    process: int
    generation: int
    slot: Slot
    ear: int  # the other end of its voice
    started: float
    due: float | None = None  # when it has to be gone
    shown: float = 0.0  # the beginning of the request whose stack has been asked for
    condemned: float | None = None  # when it is killed, over a request that does not end
    said: str = ""  # a stack, which may go on
    heard: float = 0.0  # when

    @property
    def state(self) -> State:
        """What it is ready for; one that was told to leave is leaving, whatever it says."""
        return State.LEAVING if self.due is not None else self.slot.state

    @property
    def stays(self) -> bool:
        """Whether it serves, or soon will."""
        return self.state in {State.STARTING, State.READY}

    def listen(self) -> None:
        """Take what it has said."""
        with contextlib.suppress(BlockingIOError):
            self.said = (self.said + os.read(self.ear, _HEARD).decode("ascii", "replace")).lstrip()
            self.heard = time.monotonic()

    def stack(self, now: float) -> str:
        """Return the stack it has written, once and when it is whole; else nothing."""
        if not self.said or now < self.heard + WHOLE:
            return ""
        stack, self.said = self.said, ""
        return stack


class Crew:
    """All workers, of whichever generation.  When it is left, none of them is."""

    def __init__(self, wakeup: Wakeup, board: Scoreboard, listening: socket.socket):
        self._wakeup = wakeup
        self._listening = listening
        self._board = board
        self.members: list[Member] = []

    def __enter__(self) -> Crew:
        """Start with nobody."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nobody behind."""
        self.signal(signal.SIGKILL)
        for member in self.members:
            os.waitpid(member.process, 0)
            self._forget(member)
        self.members.clear()

    def start(self, work: Work, generation: int) -> Member:
        """Start a worker.  Raises OSError: no memory, process, descriptor or slot is left.

        Parameters
        ----------
        work : runs in the child, and returns its exit status.
        """
        slot = self._board.take(generation)
        if slot is None:
            raise OSError(0, "the scoreboard is full")
        with contextlib.ExitStack() as undo:
            undo.callback(self._board.release, slot)
            ear, voice = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
            undo.callback(os.close, ear)
            try:
                process = self._fork(work, slot, voice)
            finally:
                os.close(voice)
            undo.pop_all()
        member = Member(process, generation, slot, ear, time.monotonic())
        self.members.append(member)
        _log.info("worker %d starts", process)
        return member

    def wait(self, seconds: float) -> set[signal.Signals]:
        """Return the signals that have come, or that come in time; what workers say ends it too."""
        received = self._wakeup.wait(seconds, [member.ear for member in self.members])
        for member in self.members:
            member.listen()
        return received

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all.  Those not yet waited for keep their number."""
        for member in self.members:
            os.kill(member.process, number)

    def reap(self) -> Iterator[tuple[Member, int]]:
        """Yield those that have ended, with their exit status, and forget them."""
        for member in self.members[:]:
            found, status = os.waitpid(member.process, os.WNOHANG)
            if found:
                self.members.remove(member)
                member.listen()
                yield member, os.waitstatus_to_exitcode(status)
                self._forget(member)

    def _forget(self, member: Member) -> None:
        os.close(member.ear)
        self._board.release(member.slot)

    def _fork(self, work: Work, slot: Slot, voice: int) -> int:
        """Start a process.  No signal gets lost meanwhile, and none is handled twice."""
        with held_back(HANDLED):
            arbiter = os.getpid()
            process = os.fork()
            if process == 0:
                self._be_a_worker(work, slot, voice, arbiter)
        return process

    def _be_a_worker(self, work: Work, slot: Slot, voice: int, arbiter: int) -> None:
        """Run the work and end the process: nothing of the parent goes on here.

        Without the arbiter the kernel kills us, whatever we do (operations.md R8).
        A terminal sends INT and QUIT to the workers too: what they mean, the
        arbiter decides.
        """
        code = 1
        try:
            signal_without_parent(signal.SIGKILL, arbiter)
            self._wakeup.close()
            for number in HANDLED:
                young = number in _UNTIL_READY
                signal.signal(number, signal.SIG_DFL if young else signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, set(HANDLED) - {REOPEN})
            for member in self.members:
                os.close(member.ear)
            slot.attach()
            code = work(self._listening, slot, voice)
        except BaseException:  # noqa: BLE001  nothing is above that could take it
            _log.critical("a worker gives up", exc_info=True)
        finally:
            logging.shutdown()
            os._exit(code)
