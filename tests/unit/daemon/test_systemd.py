"""The protocol as sd_notify(3) and sd_listen_fds(3) describe it, on a socket of ours."""

from __future__ import annotations

import os
import socket

import pytest

from iipastro.daemon.systemd import Notifier, passed_sockets


@pytest.fixture
def manager(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as opened:
        opened.bind(str(tmp_path / "notify"))
        opened.setblocking(False)
        yield opened


def told(manager):
    lines = []
    while True:
        try:
            lines += manager.recv(1000).decode().split("\n")
        except BlockingIOError:
            return lines


def test_each_state_is_told(manager):
    notifier = Notifier({"NOTIFY_SOCKET": manager.getsockname()})
    notifier.ready()
    assert told(manager) == ["READY=1", "STATUS=serving"]
    notifier.reloading()
    reloading, moment = told(manager)
    assert reloading == "RELOADING=1"
    assert moment.removeprefix("MONOTONIC_USEC=").isdigit()
    notifier.stopping()
    assert told(manager)[0] == "STOPPING=1"


def test_an_abstract_address_is_understood():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as opened:
        opened.bind("")  # the system chooses one, and writes its NUL as such
        Notifier({"NOTIFY_SOCKET": "@" + opened.getsockname()[1:].decode()}).ready()
        assert opened.recv(1000).startswith(b"READY=1")


def test_without_systemd_nobody_is_told_anything():
    notifier = Notifier({})
    notifier.ready()
    notifier.alive(1e9)


def test_a_manager_that_is_gone_stops_nothing(tmp_path, caplog):
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "nobody"), "WATCHDOG_USEC": "1000000"})
    notifier.ready()
    for now in (100, 101, 102):
        notifier.alive(now)
    assert caplog.text.count("cannot notify the service manager: No such file or directory") == 1


def test_the_watchdog_hears_of_us_twice_in_its_time(manager):
    environ = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "10000000"}
    notifier = Notifier(environ)
    for now in (100, 101, 104, 105, 109, 111):
        notifier.alive(now)
    assert told(manager) == ["WATCHDOG=1"] * 3  # at 100, 105 and 111


@pytest.mark.parametrize(
    "more", [{}, {"WATCHDOG_USEC": "5 s"}, {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}]
)
def test_a_watchdog_that_is_not_ours_hears_nothing(manager, more):
    notifier = Notifier({"NOTIFY_SOCKET": manager.getsockname(), **more})
    notifier.alive(1e9)
    assert told(manager) == []


@pytest.mark.parametrize(
    ("environ", "count"),
    [
        ({}, 0),
        ({"LISTEN_FDS": "1"}, 0),
        ({"LISTEN_FDS": "1", "LISTEN_PID": "1"}, 0),
        ({"LISTEN_FDS": "2", "LISTEN_PID": "ours"}, 2),
        ({"LISTEN_FDS": "-1", "LISTEN_PID": "ours"}, 0),
    ],
)
def test_sockets_are_ours_if_they_were_passed_to_this_process(environ, count):
    ours = {name: text.replace("ours", str(os.getpid())) for name, text in environ.items()}
    assert passed_sockets(ours) == count
