"""What the kernel is told lasts as long as the process: so in children of the test."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from iipastro.daemon import prctl


def exit_code_of(child):
    process = os.fork()
    if process == 0:
        try:
            os._exit(child())
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_no_privileges_are_gained_after_that():
    def child():
        before = "NoNewPrivs:\t1" in Path("/proc/self/status").read_text()
        prctl.gain_no_privileges()
        return 7 if before else "NoNewPrivs:\t1" in Path("/proc/self/status").read_text()

    assert exit_code_of(child) in {1, 7}


def test_a_signal_comes_when_the_parent_is_gone():
    out, into = os.pipe()

    def orphan():
        signal.signal(signal.SIGALRM, lambda *_: os._exit(os.write(into, b"!")))
        prctl.signal_without_parent(signal.SIGALRM, os.getppid())
        os.write(into, b".")
        time.sleep(20)

    def parent():
        if os.fork() == 0:
            orphan()
            os._exit(0)
        return os.read(out, 1) == b"."

    assert exit_code_of(parent) == 1
    assert os.read(out, 1) == b"!"
    os.close(out)
    os.close(into)


def test_the_signal_comes_at_once_if_the_parent_is_gone_already():
    def child():
        came = []
        signal.signal(signal.SIGALRM, lambda *_: came.append(1))
        prctl.signal_without_parent(signal.SIGALRM, os.getppid() + 1)
        return len(came)

    assert exit_code_of(child) == 1


def test_what_the_kernel_refuses_is_an_error():
    with pytest.raises(OSError, match="Invalid argument"):
        prctl._prctl(-1, 0)
