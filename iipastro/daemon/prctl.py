"""Two words to the kernel that Python has no name for (Linux, prctl(2))."""

from __future__ import annotations

import ctypes
import os
import signal

_SET_PDEATHSIG, _SET_NO_NEW_PRIVS = 1, 38


def gain_no_privileges() -> None:
    """Let neither this process nor its children become more than they are.  Raises OSError."""
    _prctl(_SET_NO_NEW_PRIVS, 1)


def signal_without_parent(number: signal.Signals, parent: int) -> None:
    """Have a signal sent to this process when its parent is gone; now, if it is gone already.

    The kernel forgets this when the process forks.  Raises OSError.
    """
    _prctl(_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def _prctl(option: int, argument: int) -> None:
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    zero = ctypes.c_ulong(0)
    if prctl(option, ctypes.c_ulong(argument), zero, zero, zero):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
