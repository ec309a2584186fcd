"""Commands for a running server, in whose place stands a process that tells what it gets."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys

import pytest

from iipastro.config import load_config
from iipastro.control.command import ACTIONS, Failed
from iipastro.control.options import ROWS

SERVER = """
import os, signal, sys, time
from iipastro.daemon.pidfile import Pidfile

pid_file = Pidfile(sys.argv[1])
for number in (signal.SIGHUP, signal.SIGUSR1):
    signal.signal(number, lambda number, _: print(signal.Signals(number).name, flush=True))
if sys.argv[2:] == ["deaf"]:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True:
    time.sleep(60)
"""


@pytest.fixture
def server(tmp_path):
    """Start a process that holds the pid file, as a server does."""
    started = []

    def start(*words):
        command = [sys.executable, "-c", SERVER, str(tmp_path / "pid"), *words]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout.readline() == "ready\n"
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def do(tmp_path):
    def done(action, **settings):
        overrides = {"server.pid_file": str(tmp_path / "pid")}
        overrides |= {name.replace("__", "."): text for name, text in settings.items()}
        return ACTIONS[action](load_config(overrides=overrides).config, argparse.Namespace())

    return done


def test_every_command_has_its_action():
    assert [name for name, _, _ in ROWS] == list(ACTIONS)


@pytest.mark.parametrize(("action", "word"), [("reload", "SIGHUP"), ("reopen", "SIGUSR1")])
def test_a_server_gets_the_signal(server, do, action, word):
    process = server()
    do(action)
    assert process.stdout.readline() == f"{word}\n"


def test_a_stop_waits_for_the_end(server, do):
    process = server()
    do("stop")
    assert process.wait(10) == -signal.SIGTERM


def test_a_stop_that_takes_too_long_says_so(server, do, monkeypatch):
    monkeypatch.setattr("iipastro.control.command._BEYOND_GRACE", 0.0)
    process = server("deaf")
    with pytest.raises(Failed, match=r"told to stop 0\.2 s ago, and is still there"):
        do("stop", server__graceful_timeout="200ms")
    assert process.poll() is None


def test_a_pid_file_that_nobody_holds_gets_no_signal(do, tmp_path):
    (tmp_path / "pid").write_text(f"{os.getpid()}\n")
    with pytest.raises(Failed, match="no server runs"):
        do("stop")


def test_a_server_without_a_pid_file_gets_no_signal(do):
    with pytest.raises(Failed, match="pid_file is empty"):
        do("reload", server__pid_file="")


def test_a_pid_file_that_cannot_be_read_is_told(do, tmp_path):
    (tmp_path / "pid").symlink_to("elsewhere")  # which is followed nowhere
    with pytest.raises(Failed, match="cannot be read: Too many levels of symbolic links"):
        do("reload")


def test_a_signal_that_is_not_allowed_is_told(server, do, monkeypatch):
    def forbidden(process, number):
        raise PermissionError(1, "Operation not permitted")

    server()
    monkeypatch.setattr(os, "kill", forbidden)
    with pytest.raises(Failed, match=r"cannot send a signal to process \d+: Operation not"):
        do("reload")
