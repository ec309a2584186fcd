"""R14 of operations.md, and what else replaces workers: no request is lost."""

from __future__ import annotations

import os
import signal
import time

import pytest

pytestmark = pytest.mark.integration

HUP = signal.SIGHUP


@pytest.mark.parametrize("keep", [False, True], ids=["new connections", "kept connections"])
def test_no_reload_loses_a_request(server, nginx, load, tools, scaled, keep):
    reloads = scaled(12, 100)
    port = nginx(server.start(server__max_requests=200).path, keep)
    with load(port) as clients:
        for number in range(reloads):
            invalid = number % 10 == 5
            server.write(server__max_requests="many" if invalid else 200 + number)
            before = server.log.read_text()
            os.kill(server.pid, HUP)
            words = "stays as it was" if invalid else "reloaded"
            assert tools.wait_until(lambda b=before, w=words: said(server, b, w), 30)
    print(f"{reloads} reloads, {clients.answered} answers, {len(clients.failed)} failed")
    assert clients.failed == []
    assert clients.wrong == 0
    assert clients.answered > 10 * reloads
    log = server.log.read_text()
    assert (
        log.count("iipastro.ini:")
        == log.count("expected a whole number")
        == reloads // 10 + (reloads % 10 > 5)
    )
    assert tools.wait_until(lambda: len(server.workers()) == 2)


def said(server, before, words):
    return words in server.log.read_text()[len(before) :]


def test_hups_in_a_rush_lose_no_request_and_leave_no_worker_behind(server, nginx, load, tools):
    port = nginx(server.start().path)
    with load(port) as clients:
        for _ in range(30):
            os.kill(server.pid, HUP)
            time.sleep(0.03)
        assert tools.wait_until(lambda: "reloaded" in server.log.read_text())
        time.sleep(1)
    assert clients.failed == []
    assert clients.answered > 30
    assert tools.wait_until(lambda: len(server.workers()) == 2)


def test_a_reload_takes_over_what_has_changed_and_says_what_needs_a_restart(server, fcgi, tools):
    server.start()
    asked = "FIF=multi5_1k.ptif&JTL=0,0"
    before = fcgi.ask(server.path, asked).body
    server.write(encoding__jpeg_quality=30, server__listen_mode="0600", server__workers=3)
    os.kill(server.pid, HUP)
    assert tools.wait_until(lambda: "reloaded, workers: 3" in server.log.read_text())
    assert tools.wait_until(lambda: len(server.workers()) == 3)
    assert len(fcgi.ask(server.path, asked).body) < len(before)
    log = server.log.read_text()
    assert "[server] listen_mode stays as it was: it needs a restart" in log


def test_a_reload_that_no_worker_survives_is_taken_back(start, fcgi, tools, folder):
    path, settings = folder / "s", folder / "settings"
    settings.write_text("workers=2\nname=old\n")
    arbiter = start([*tools.daemon_app, f"unix:{path}", f"settings={settings}"], path)
    assert tools.wait_until(lambda: len(tools.children(arbiter.pid)) == 2)
    workers = tools.children(arbiter.pid)
    settings.write_text("workers=2\nname=new\nbroken=1\n")
    os.kill(arbiter.pid, HUP)
    assert tools.wait_until(lambda: "the old one stays" in arbiter.log.read_text())
    assert tools.wait_until(lambda: tools.children(arbiter.pid) == workers)
    assert fcgi.ask(path, "setting=name").body == b"old"
    settings.write_text("workers=2\nname=newest\n")
    os.kill(arbiter.pid, HUP)
    assert tools.wait_until(lambda: not set(workers) & set(tools.children(arbiter.pid)))
    assert fcgi.ask(path, "setting=name").body == b"newest"


def test_a_running_request_is_finished_by_the_worker_that_began_it(daemon, fcgi, tools):
    arbiter = daemon()
    (old,) = tools.children(arbiter.pid)
    with fcgi.connect(arbiter.path) as client:
        client.sendall(fcgi.request("sleep=1.5"))
        time.sleep(0.2)
        os.kill(arbiter.pid, HUP)
        assert tools.wait_until(lambda: len(tools.children(arbiter.pid)) == 2)
        assert tools.wait_until(lambda: fcgi.ask(arbiter.path, "pid").body != str(old).encode(), 1)
        assert fcgi.read_answer(client).body == b"sleep"
    assert tools.wait_until(lambda: len(tools.children(arbiter.pid)) == 1)


def test_workers_that_have_done_enough_are_replaced_and_no_request_is_lost(
    daemon, nginx, load, tools
):
    arbiter = daemon("workers=2", "requests=100")
    port = nginx(arbiter.path)
    with load(port, ["pid"]) as clients:
        assert tools.wait_until(lambda: clients.answered > 2500, 60)
    assert clients.failed == []
    assert arbiter.log.read_text().count("with status 0") > 15
    assert "WARNING" not in arbiter.log.read_text()


def test_ttin_and_ttou_change_how_many_workers_there_are(daemon, tools):
    arbiter = daemon("workers=1")
    for number, count in ((signal.SIGTTIN, 2), (signal.SIGTTIN, 3), (signal.SIGTTOU, 2)):
        os.kill(arbiter.pid, number)
        assert tools.wait_until(lambda c=count: len(tools.children(arbiter.pid)) == c)


def test_usr1_reopens_the_logs_of_all_and_usr2_reports(daemon, tools):
    arbiter = daemon("workers=2")
    os.kill(arbiter.pid, signal.SIGUSR1)
    assert tools.wait_until(lambda: arbiter.log.read_text().count("reopened\n") == 3)
    os.kill(arbiter.pid, signal.SIGUSR2)
    assert tools.wait_until(lambda: "reported" in arbiter.log.read_text())


def test_a_reload_is_told_to_systemd(start, tools, folder):
    import socket

    path = folder / "s"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.settimeout(20)
        words = [*tools.daemon_app, f"unix:{path}", "workers=2"]
        environ = {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "400000"}
        arbiter = start(words, path, **environ)
        told = Told(manager)
        told.until("READY=1")
        told.until("WATCHDOG=1")
        os.kill(arbiter.pid, HUP)
        told.until("RELOADING=1")
        told.until("READY=1")
        arbiter.terminate()
        told.until("STOPPING=1")


class Told:
    """What a service tells its manager."""

    def __init__(self, manager):
        self.manager = manager

    def until(self, words):
        while not self.manager.recv(1000).decode().startswith(words):
            pass
