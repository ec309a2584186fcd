"""The harness: real processes on sockets of their own, and a FastCGI client to ask them.

A program that is not installed is said aloud: its tests are skipped by name.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DATA = ROOT / "tests" / "data"
ORACLE = "/usr/lib/iipimage-server/iipsrv.fcgi"
PATIENCE = 10.0  # seconds

NGINX = """
worker_processes 1;
daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT = 1, 2, 3, 4, 5, 6


# ---- a FastCGI client, written from the specification


def record(kind, content=b"", number=1):
    return struct.pack("!BBHHBx", 1, kind, number, len(content), 0) + content


def request(query="", keep=False, body=b"", **variables):
    variables = {"REQUEST_METHOD": "GET", "QUERY_STRING": query, **variables}
    params = b""
    for name, value in variables.items():
        for text in (name, value):
            size = len(text)
            params += bytes([size]) if size < 128 else struct.pack("!L", size | 1 << 31)
        params += (name + value).encode("latin-1")
    stdin = record(STDIN, body) if body else b""
    begin = record(BEGIN, struct.pack("!HB5x", 1, keep))
    return begin + record(PARAMS, params) + record(PARAMS) + stdin + record(STDIN)


def connect(address, timeout=PATIENCE):
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout)
    opened = socket.socket(socket.AF_UNIX)
    opened.settimeout(timeout)
    try:
        opened.connect(str(address))
    except OSError:
        opened.close()
        raise
    return opened


def read_exactly(opened, count):
    data = b""
    while len(data) < count:
        piece = opened.recv(count - len(data))
        if not piece:
            raise ConnectionError(f"closed after {len(data)} of {count} bytes")
        data += piece
    return data


def read_answer(opened):
    """Return what one request gave: status, headers in lower case, body."""
    out = []
    while True:
        _, kind, _, length, padding = struct.unpack("!BBHHBx", read_exactly(opened, 8))
        content = read_exactly(opened, length + padding)[:length]
        if kind == STDOUT:
            out.append(content)
        elif kind == END:
            return parsed(b"".join(out))


def parsed(output):
    head, _, body = output.partition(b"\r\n\r\n")
    lines = (line.partition(": ") for line in head.decode("latin-1").split("\r\n"))
    headers = {name.lower(): value for name, _, value in lines}
    status = int(headers.get("status", "200").split()[0])
    return types.SimpleNamespace(status=status, headers=headers, body=body)


def ask(address, query="", timeout=PATIENCE, **more):
    with connect(address, timeout) as opened:
        opened.sendall(request(query, **more))
        return read_answer(opened)


@pytest.fixture(scope="session")
def fcgi():
    """The client's functions."""
    return types.SimpleNamespace(
        ask=ask, connect=connect, request=request, record=record, read_answer=read_answer,
        BEGIN=BEGIN, ABORT=ABORT, STDIN=STDIN,
    )  # fmt: skip


# ---- processes


def wait_until(true, seconds=PATIENCE):
    """Wait until `true()` is; say whether it came in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def answers(address):
    try:
        connect(address, 1).close()
    except OSError:
        return False
    return True


def status_of(pid):
    """State, parent and process group of a process; of one that is gone, nothing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[:3]
    except OSError:
        return ["", "", ""]


def state(pid):
    """One letter of proc(5): T is suspended, Z only waits for its parent."""
    return status_of(pid)[0]


def alive(pid):
    return state(pid) not in {"", "Z"}


def group(leader):
    """The processes that are left of those that a command has started."""
    numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [number for number in numbers if status_of(number)[2] == str(leader)]


def children(pid):
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def open_as(pid, descriptor):
    """What a descriptor of a process leads to: a path, or a word such as socket:[17]."""
    return os.readlink(f"/proc/{pid}/fd/{descriptor}")


def rests(pid):
    """How often a process of one thread has gone to sleep of its own will."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(x.split()[1]) for x in lines if x.startswith("voluntary_ctxt_switches"))


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def environment(**more):
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    clean["IIPASTRO_USER"] = "root"  # who runs the tests runs the servers, even if that is root
    return {**clean, **more}


@pytest.fixture(scope="session")
def tools():
    """What tests do with processes."""
    return types.SimpleNamespace(
        wait_until=wait_until, answers=answers, alive=alive, children=children, find=find,
        threads=threads, state=state, group=group, open_as=open_as, rests=rests,
        environment=environment, free_port=free_port,
        data=DATA, root=ROOT, oracle=ORACLE, changed=changed, nginx=nginx,
        daemon_app=[sys.executable, str(HERE / "daemon_app.py")],
        iipsrv=[sys.executable, "-m", "iipastro.iipsrv"],
        iipastro=[sys.executable, "-m", "iipastro"],
    )  # fmt: skip


def find(program, package):
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"{package} is not installed")
    return path


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


class Started:
    """The processes of one test or module; none survives it."""

    def __init__(self, folder):
        self.folder = folder
        self._all = []

    def __call__(self, command, address=None, stdin=subprocess.DEVNULL, **variables):
        """Start a command, and wait until it answers; its output goes to `process.log`."""
        log = self.folder / f"{len(self._all)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdin=stdin, stdout=output, stderr=output, env=environment(**variables),
                process_group=0,  # a session of its own could not be suspended
            )  # fmt: skip
        process.log = log
        self._all.append(process)
        if address is not None:
            up = wait_until(lambda: answers(address) or process.poll() is not None, 30)
            assert up, log.read_text()
            assert process.poll() is None, log.read_text()
        return process

    def end(self):
        for process in self._all:
            if process.poll() is None:
                process.terminate()
        for process in self._all:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def changed(text, *changes):
    """What an administrator changes in a file that we ship: each text is there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx(start, folder, site):
    """Start nginx with the text of a site file; return the process and its port."""
    program, port = find("nginx", "nginx"), free_port()
    site = changed(site, ("listen 80;", f"listen 127.0.0.1:{port};"), ("    listen [::]:80;\n", ""))
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    words = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    return start(words, ("127.0.0.1", port)), port


@pytest.fixture
def start(tmp_path):
    started = Started(tmp_path)
    yield started
    started.end()


@pytest.fixture(scope="module")
def start_for_all(tmp_path_factory):
    started = Started(tmp_path_factory.mktemp("processes"))
    yield started
    started.end()


@pytest.fixture
def memcached(start, tmp_path, tools):
    """Start memcached; words are its options.  `path` and `address` are where it listens."""
    program = tools.find("memcached", "memcached")

    def started(*options, path=None, tcp=False):
        path = Path(path or tmp_path / "memcached.sock")
        port = free_port()
        where = ["-l", "127.0.0.1", "-p", str(port), "-U", "0"] if tcp else ["-s", str(path)]
        user = ["-u", "root"] if os.getuid() == 0 else []
        address = ("127.0.0.1", port) if tcp else path
        process = start([program, *user, *where, *options], address)
        process.path, process.address, process.where = str(path), f"127.0.0.1:{port}", address
        return process

    return started


@pytest.fixture
def daemon(start, tmp_path, tools):
    """Start the test application on a unix socket; words are its settings."""

    def started(*words, **variables):
        path = tmp_path / "daemon.sock"
        process = start([*tools.daemon_app, f"unix:{path}", *words], path, **variables)
        process.path = path
        count = next((int(w[8:]) for w in words if w.startswith("workers=")), 1)
        assert wait_until(lambda: len(children(process.pid)) == count)
        return process

    return started
