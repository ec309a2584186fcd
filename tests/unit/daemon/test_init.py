"""What `run` does before there is a process; tests/integration has the rest."""

from __future__ import annotations

import contextlib
import logging
import os
import signal

import pytest

from iipastro import daemon
from iipastro.daemon.scoreboard import Scoreboard


@pytest.fixture
def signals_as_before():
    numbers = (*daemon._STOPS, *daemon._EARLY)
    before = {number: signal.getsignal(number) for number in numbers}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def never(*_):
    raise AssertionError


@pytest.mark.usefixtures("signals_as_before")
@pytest.mark.parametrize(
    ("place", "message"),
    [
        (("unix:{folder}/no/s", 0o660, 1, "root"), "No such file or directory"),
        (("systemd", 0o660, 1, "root"), "one socket is to come from systemd, none has"),
        (("unix:{folder}/s", 0o660, 1, "no such user"), "there is no user no such user"),
    ],
)
def test_what_cannot_begin_prepares_nothing_and_the_status_is_1(
    place, message, tmp_path, caplog, monkeypatch
):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    words = [place[0].format(folder=tmp_path), *place[1:]]
    with caplog.at_level(logging.ERROR, "iipastro"):
        assert daemon.run(daemon.Place(*words), None, None, Scoreboard(2), never) == 1
    assert message in caplog.text


def test_the_number_of_the_process_is_in_a_file_as_long_as_it_runs(tmp_path):
    path = tmp_path / "server.pid"
    with contextlib.ExitStack() as opened:
        daemon._write_pid_file(str(path), opened)
        assert path.read_text() == f"{os.getpid()}\n"
    assert not path.exists()


def test_without_a_pid_file_the_service_runs_all_the_same(tmp_path, caplog):
    with contextlib.ExitStack() as opened:
        for path in ("", f"{tmp_path}/no/server.pid"):
            daemon._write_pid_file(path, opened)
    assert [r.getMessage() for r in caplog.records] == [
        f"cannot write the pid file {tmp_path}/no/server.pid: No such file or directory"
    ]
