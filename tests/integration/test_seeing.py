"""What an administrator sees of a server under load: status page, ping, logs (operations.md 2)."""

from __future__ import annotations

import collections
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import types
from functools import partial

import pytest

pytestmark = pytest.mark.integration

ASKED = {  # query → status
    "FIF=multi5_1k.ptif&JTL=0,0": 200,
    "FIF=multi5_1k.ptif&obj=max-size": 200,
    "FIF=nothing.ptif&JTL=0,0": 404,
    "FIF=multi5_1k.ptif&obj=no-such-object": 400,
}
COMBINED = re.compile(
    r'127\.0\.0\.9 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] '
    r'"GET /x\?n=(\d+)&FIF=multi5_1k\.ptif&obj=max-size HTTP/1\.1" 200 \d+ "-" "probe" \d+\.\d{6}'
)  # fmt: skip


@pytest.fixture
def serve(start, tools, tmp_path):
    """Start the server; words are settings, `section__key`."""

    def started(**settings):
        path = tmp_path / "s"
        ours = {
            "server__workers": 2,
            "images__root": tools.data,
            "server__pid_file": tmp_path / "pid",
        }
        (tmp_path / "test.ini").write_text("".join(ini_of({**ours, **settings})))
        config = ["--config", str(tmp_path / "test.ini")]
        listen = ["--set", f"server.listen=unix:{path}"]
        process = start([*tools.iipastro, "serve", *config, *listen], path)
        assert tools.wait_until(lambda: len(tools.children(process.pid)) == 2)
        process.path = path

        def tell(*words):
            return subprocess.run(
                [*tools.iipastro, *words, *config, *listen], env=tools.environment(),
                capture_output=True, check=False, text=True,
            )  # fmt: skip

        process.told = tell
        return process

    return started


def ini_of(settings):
    for name, value in settings.items():
        section, _, key = name.partition("__")
        yield f"[{section}]\n{key} = {value}\n"


def figures(process):
    done = process.told("status", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def wait_until(true, seconds):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


class Load:
    """Threads that ask and count what they get."""

    def __init__(self, fcgi, path, threads=3):
        self.statuses = collections.Counter()
        self.bytes = self.failed = 0
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(fcgi, path)) for _ in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, fcgi, path):
        while not self._end.is_set():
            for query, status in ASKED.items():
                try:
                    answer = fcgi.ask(path, query)
                except OSError:
                    with self._lock:
                        self.failed += 1
                    continue
                assert answer.status == status
                with self._lock:
                    self.statuses[str(status)] += 1
                    self.bytes += len(answer.body)

    @property
    def count(self):
        with self._lock:
            return sum(self.statuses.values())

    def goes_on(self, more):
        """Wait for so many more answers; say whether they came."""
        wanted = self.count + more
        return wait_until(lambda: self.count >= wanted, 60)

    def stop(self):
        self._end.set()
        for thread in self._threads:
            thread.join()


def test_the_figures_of_the_status_agree_with_those_of_a_load(serve, fcgi, tools):
    server = serve()
    load = Load(fcgi, server.path)
    before = 0
    for _ in range(5):
        assert load.goes_on(20)
        least = load.count
        found = figures(server)["requests"]
        assert max(before, least) <= found <= load.count + 3  # three may be under way
        before = found
    load.stop()
    page = figures(server)
    assert page["requests"] == load.count > 100
    assert {k: v for k, v in page["responses"].items() if v} == load.statuses
    assert page["sent_bytes"] == load.bytes
    latency = page["request_duration_seconds"]
    assert latency["count"] == latency["buckets"]["+Inf"] == load.count
    assert 0 < latency["sum"] < 600
    assert page["workers"] == {"idle": 2, "busy": 0, "starting": 0, "leaving": 0}
    assert page["connections"] >= load.count
    assert (page["worker_starts"], page["worker_failures"]) == (2, 0)
    assert {process["pid"] for process in page["processes"]} == set(tools.children(server.pid))
    assert all(process["pss_bytes"] > 2**20 for process in page["processes"])
    assert load.failed == 0


def test_what_a_killed_worker_has_counted_is_not_lost(serve, fcgi, tools):
    server = serve()
    load = Load(fcgi, server.path)
    for _ in range(3):
        assert load.goes_on(30)
        before = tools.children(server.pid)
        os.kill(before[0], signal.SIGKILL)
        assert wait_until(partial(has_successor, tools, server, before), 10)
    load.stop()
    assert tools.wait_until(lambda: figures(server)["workers"]["idle"] == 2)
    page = figures(server)
    assert load.count <= page["requests"] <= load.count + load.failed
    assert load.failed <= 3
    assert (page["worker_starts"], page["worker_failures"]) == (5, 3)


def has_successor(tools, server, before):
    """Whether the first of two workers is replaced."""
    now = tools.children(server.pid)
    return len(now) == 2 and before[0] not in now


def test_the_counts_survive_a_reload_which_is_counted_too(serve, fcgi, tools):
    server = serve()
    for _ in range(5):
        fcgi.ask(server.path, "FIF=multi5_1k.ptif&obj=max-size")
    assert server.told("reload").returncode == 0
    assert tools.wait_until(lambda: figures(server)["reloads"] == 1)
    assert tools.wait_until(lambda: len(figures(server)["processes"]) == 2)
    page = figures(server)
    assert page["requests"] == 5
    assert {process["generation"] for process in page["processes"]} == {1}


def test_pages_are_where_the_settings_put_them_and_nowhere_else(serve, fcgi):
    server = serve(status__path="/iipastro/status", status__ping_path="/iipastro/ping")
    ping = fcgi.ask(server.path, SCRIPT_NAME="/iipastro/ping")
    assert (ping.status, ping.body) == (200, b"pong\n")
    page = fcgi.ask(server.path, "openmetrics", SCRIPT_NAME="/iipastro/status")
    assert page.headers["content-type"].startswith("application/openmetrics-text")
    assert page.body.endswith(b"\n# EOF\n")
    image = fcgi.ask(
        server.path, "FIF=multi5_1k.ptif&obj=max-size", SCRIPT_NAME="/fcgi-bin/iipsrv.fcgi",
        REQUEST_URI="/iipastro/status?json", HTTP_IIPASTRO_PAGE="status",
    )  # fmt: skip
    assert b"Max-size:" in image.body


def test_the_pages_are_nowhere_by_default(serve, fcgi):
    server = serve()
    assert (
        fcgi.ask(server.path, SCRIPT_NAME="/status").headers["content-type"].startswith("text/html")
    )


# ---- the command line


def test_the_command_line_rules_a_server(serve, fcgi, tools, tmp_path):
    server = serve(log__access_log=tmp_path / "access")
    assert server.told("ping").stdout == "pong\n"
    assert server.told("status").stdout.startswith("iipastro ")
    assert server.told("status", "--openmetrics").stdout.endswith("# EOF\n")
    (tmp_path / "access").rename(tmp_path / "access.1")
    assert server.told("reopen").returncode == 0
    assert tools.wait_until((tmp_path / "access").exists)
    assert server.told("stop").returncode == 0
    assert server.wait(20) == 0
    assert not server.path.exists()
    for command in ("ping", "status", "reload", "reopen", "stop"):
        done = server.told(command)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_a_reload_of_a_wrong_configuration_is_refused_before_the_server_hears_of_it(
    serve, tmp_path
):
    server = serve()
    with (tmp_path / "test.ini").open("a") as file:
        file.write("[log]\nlevel = loud\n")
    done = server.told("reload")
    assert done.returncode == 78
    assert re.search(r"test\.ini:\d+: \[log\] level", done.stderr)
    assert server.poll() is None


@pytest.mark.parametrize(
    ("lines", "code", "why"),
    [
        ("[images]\nroot = /no/such/folder\n", 1, "the root /no/such/folder is not a folder"),
        ("[watermark]\nfile = /no/such/mark.png\n", 78, "/no/such/mark.png: No such file"),
    ],
)
def test_a_reload_that_the_server_would_refuse_is_refused_at_once(
    serve, fcgi, tools, tmp_path, lines, code, why
):
    server = serve()
    path = tmp_path / "test.ini"
    kept = "" if "root" in lines else f"[images]\nroot = {tools.data}\n"
    path.write_text(re.sub(r"\[images\]\nroot.*\n", kept, path.read_text()) + lines)
    done = server.told("reload")
    assert (done.returncode, why in done.stderr) == (code, True), done.stderr
    server.send_signal(signal.SIGHUP)
    said = re.compile(rf"stays as it was: .*{re.escape(why)}")
    assert wait_until(lambda: said.search(server.log.read_text()), 20)
    assert fcgi.ask(server.path, "FIF=multi5_1k.ptif&obj=max-size").status == 200


def test_usr2_writes_the_status_to_the_error_log(serve, fcgi, tools):
    server = serve()
    fcgi.ask(server.path, "FIF=nothing.ptif&JTL=0,0")
    server.send_signal(signal.SIGUSR2)
    assert tools.wait_until(lambda: "status: uptime_seconds=" in server.log.read_text())
    (line,) = [x for x in server.log.read_text().splitlines() if "status: " in x]
    assert " requests=1 responses.404=1 " in line


# ---- logs


class Numbered(Load):
    """A load of which each request has a number of its own."""

    def __init__(self, fcgi, path, threads=3):
        self.answered = []
        self._next = iter(range(10**9))
        super().__init__(fcgi, path, threads)

    def _run(self, fcgi, path):
        while not self._end.is_set():
            with self._lock:
                number = next(self._next)
            query = f"n={number}&FIF=multi5_1k.ptif&obj=max-size"
            answer = fcgi.ask(
                path, query, REMOTE_ADDR="127.0.0.9", SERVER_PROTOCOL="HTTP/1.1",
                HTTP_USER_AGENT="probe", REQUEST_URI=f"/x?{query}",
            )  # fmt: skip
            assert answer.status == 200
            with self._lock:
                self.answered.append(number)
                self.statuses["200"] += 1


ROTATIONS = int(os.environ.get("ROTATIONS", "100"))


def test_no_line_is_lost_or_torn_when_logs_are_rotated_under_load(serve, fcgi, tools, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    server = serve(
        log__access_log=folder / "access", log__error_log=folder / "error", log__level="info"
    )
    load = Numbered(fcgi, server.path)
    for turn in range(ROTATIONS):
        assert load.goes_on(1)
        for name in ("access", "error"):
            (folder / name).rename(folder / f"{name}.{turn}")
        server.send_signal(signal.SIGUSR1)
        assert tools.wait_until(lambda: all((folder / x).exists() for x in ("access", "error")))
    load.stop()
    assert server.told("stop").returncode == 0
    lines = [x for path in folder.glob("access*") for x in path.read_text().splitlines()]
    found = [COMBINED.fullmatch(line) for line in lines]
    assert all(found), [line for line in lines if not COMBINED.fullmatch(line)][:3]
    assert sorted(int(match[1]) for match in found) == sorted(load.answered)
    events = [x for path in folder.glob("error*") for x in path.read_text().splitlines()]
    stamped = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [a-z]+ \[\d+\] .+")
    assert all(stamped.fullmatch(line) for line in events)
    passed_over = [x for x in events if "passed over: Error 2 2 n" in x]
    assert len(passed_over) == len(load.answered)
    assert (folder / "access.0").stat().st_mode & 0o777 == 0o640


def test_a_log_on_a_full_disk_costs_one_line_a_process_and_no_request(serve, fcgi, tmp_path):
    server = serve(log__access_log="/dev/full")
    for _ in range(40):
        assert fcgi.ask(server.path, "FIF=multi5_1k.ptif&obj=max-size").status == 200
    said = server.log.read_text().count("cannot write to /dev/full: No space left on device")
    assert 1 <= said <= 2


def test_a_stderr_that_nobody_reads_holds_up_neither_requests_nor_the_stop(
    start, fcgi, tools, tmp_path
):
    os.mkfifo(tmp_path / "stderr")
    reader = os.open(tmp_path / "stderr", os.O_RDONLY | os.O_NONBLOCK)
    words = ["--listen", f"unix:{tmp_path}/s"]
    for setting in ("log.access_log=stderr", f"images.root={tools.data}", "server.pid_file="):
        words += ["--set", setting]
    shell = ["sh", "-c", f'exec "$@" 2> {tmp_path}/stderr', "sh"]
    server = start([*shell, *tools.iipastro, "serve", *words], tmp_path / "s")
    query = "FIF=multi5_1k.ptif&obj=max-size&" + "x" * 1000
    for _ in range(200):  # three times what a pipe holds
        assert fcgi.ask(tmp_path / "s", query).status == 200
    server.send_signal(signal.SIGUSR2)  # the arbiter has something to say too
    assert fcgi.ask(tmp_path / "s", query).status == 200
    server.terminate()
    assert server.wait(30) == 0
    os.close(reader)


def test_logs_that_cannot_be_opened_cost_no_request(serve, fcgi, tmp_path):
    nowhere = tmp_path / "nowhere"
    server = serve(log__access_log=nowhere / "access", log__error_log=nowhere / "error")
    assert fcgi.ask(server.path, "FIF=multi5_1k.ptif&obj=max-size").status == 200
    text = server.log.read_text()
    assert text.count(f"cannot write to {nowhere}/error: No such file or directory") == 1
    assert f"cannot write to {nowhere}/access: No such file or directory" in text
    assert "listening on" in text  # what the file does not take goes to stderr
    nowhere.mkdir()
    server.send_signal(signal.SIGUSR1)
    assert fcgi.ask(server.path, "FIF=multi5_1k.ptif&obj=max-size").status == 200
    assert (nowhere / "access").read_text().count("\n") == 1


def test_a_slow_request_is_in_the_slow_log(serve, fcgi, tmp_path):
    server = serve(log__slow_log=tmp_path / "slow", server__slow_request="1ms")
    query = "FIF=multi5_1k.ptif&CTW=0,0,0,1,1;0,1,1,0,0;1,0,0,0,0&WID=1000&CVT=png"
    assert fcgi.ask(server.path, query).status == 200
    (line,) = [x for x in (tmp_path / "slow").read_text().splitlines() if "slow: " in x]
    assert re.search(r"\] slow: \d+\.\d{3} s, status 200, \d+ bytes: \"\?FIF=multi5", line)
    assert figures(server)["slow_requests"] == 1


@pytest.fixture
def syslog(tmp_path):
    """Listen as syslog does, and return what comes."""
    path = tmp_path / "dev-log"

    def listen():
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        opened.bind(str(path))
        opened.settimeout(5)
        return opened

    heard = types.SimpleNamespace(path=path, listen=listen, socket=listen())
    yield heard
    heard.socket.close()


def test_syslog_gets_each_event_once_and_again_after_its_restart(serve, fcgi, syslog):
    target = f"syslog:{syslog.path}"
    server = serve(log__access_log=target, log__error_log=target)
    first = syslog.socket.recv(4096).decode()
    stamp = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
    assert re.fullmatch(rf"<29>{stamp} iipastro\[{server.pid}\]: listening on .*", first)
    query = "FIF=multi5_1k.ptif&obj=max-size"
    for _ in range(3):  # each of the two workers may have a dead socket
        syslog.socket.close()
        os.unlink(syslog.path)
        syslog.socket = syslog.listen()
        fcgi.ask(server.path, query, REQUEST_URI=f"/x?{query}")
        line = syslog.socket.recv(4096).decode()
        assert re.fullmatch(rf'<30>{stamp} iipastro\[\d+\]: - - - .*"GET /x\?FIF=.*', line)


def test_a_syslog_that_takes_nothing_holds_up_no_request(serve, fcgi, syslog):
    server = serve(log__access_log=f"syslog:{syslog.path}")
    began = time.monotonic()
    for _ in range(400):  # more than a socket holds that nobody reads
        assert fcgi.ask(server.path, "FIF=multi5_1k.ptif&obj=max-size").status == 200
    assert time.monotonic() - began < 60
    assert "cannot write to syslog:" in server.log.read_text()
