"""Caches as they are run: real workers, a real memcached, real memory."""

from __future__ import annotations

import os
import pickle
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from iipastro.cache.keys import key_of
from iipastro.cache.memcached import ITEM_HEAD
from iipastro.config import load_config
from iipastro.handlers.caches import build_tiers, pylibmc_of
from iipastro.response import answer

pytestmark = pytest.mark.integration

# as VisiOmatic 2 asks for a tile of five channels
FIVE = (
    "FIF=multi5_1k.ptif&obj=IIP,1.0&CNT=1.1&GAM=0.4545"
    + "".join(f"&MINMAX={n}:85.6354598999023{n},1881.81015014648" for n in range(1, 6))
    + "&CTW=0.0,0.0,0.123456789,0.55,0.9;0.02,0.4,0.8,0.3,0.0;0.95,0.6,0.1,0.0,0.0&QLT=90&JTL=2,5"
)  # fmt: skip


@pytest.fixture
def serve(start, tools, tmp_path):
    """Start a server whose settings are words such as cache.memory=0; return its socket."""
    number = iter(range(100))

    def served(*settings, **variables):
        path = tmp_path / f"{next(number)}.sock"
        words = [word for each in settings for word in ("--set", each)]
        folder = ["--set", f"images.root={tools.data}", "--set", "server.workers=1"]
        start([*tools.iipastro, "serve", "--listen", f"unix:{path}", *folder, *words], path,
              **variables)  # fmt: skip
        return path

    return served


@pytest.fixture
def tell(fcgi):
    """Return what memcached counts."""

    def told(process):
        with fcgi.connect(process.where) as opened:
            opened.sendall(b"stats\r\n")
            text = b""
            while not text.endswith(b"END\r\n"):
                text += opened.recv(4096)
        lines = (line.split() for line in text.decode().splitlines() if line.startswith("STAT"))
        return {name: value for _, name, value in lines}

    return told


def test_a_tile_of_many_channels_is_found_in_memcached(serve, memcached, fcgi, tell):
    assert len(FIVE) > 250
    process = memcached()
    settings = f"memcached.servers={process.path}", "cache.memory=0", "memcached.timeout=1s"
    first = fcgi.ask(serve(*settings), FIVE)
    assert first.status == 200
    assert (tell(process)["get_hits"], tell(process)["curr_items"]) == ("0", "1")
    second = fcgi.ask(serve(*settings), FIVE)  # another daemon
    assert (tell(process)["get_hits"], tell(process)["cmd_set"]) == ("1", "1")
    assert (second.body, second.headers) == (first.body, first.headers)


def test_iipsrvs_variables_name_memcached(start, tools, tmp_path, memcached, fcgi, tell):
    process = memcached(tcp=True)
    path = tmp_path / "s"
    start([*tools.iipsrv, "--bind", str(path)], path, MEMCACHED_SERVERS=process.address,
          MAX_IMAGE_CACHE_SIZE="0", FILESYSTEM_PREFIX=f"{tools.data}/")  # fmt: skip
    tile = "FIF=odd_r.ptif&JTL=0,0"
    first = fcgi.ask(path, tile).body
    # on a busy machine a worker may leave memcached alone for some seconds
    assert tools.wait_until(
        lambda: fcgi.ask(path, tile).body == first and tell(process)["get_hits"] != "0", 60
    )


def test_requests_in_any_order_get_the_same_answers(serve, memcached, fcgi):  # operations.md 4.9
    kinds = ("JTL=0,0", "CVT=png&WID=20", "OBJ=max-size", "PFL=0:0,0-9,0", "TIL=0,0")
    queries = [f"FIF=odd_r.ptif{more}&{kind}" for more in ("", "&GAM=2&INV") for kind in kinds]
    far = f"memcached.servers={memcached().path}", "memcached.timeout=1s", "cache.memory=0"
    servers = [serve("cache.memory=0"), serve("cache.memory=8M"), serve(*far)]
    expected = {query: fcgi.ask(servers[0], query) for query in queries}
    for order in (queries, queries[::-1], queries[::2] + queries[1::2]):
        for query in order:
            for server in servers:
                answered = fcgi.ask(server, query)
                assert answered.body == expected[query].body
                assert answered.headers == expected[query].headers


def test_what_was_changed_in_memcached_is_made_again(serve, memcached, fcgi):
    process = memcached()
    server = serve(f"memcached.servers={process.path}", "cache.memory=0", "cache.secret=x")
    expected = fcgi.ask(server, "FIF=odd_r.ptif&JTL=0,0")
    with fcgi.connect(process.path) as opened:
        opened.sendall(b"lru_crawler metadump all\r\n")
        key = opened.recv(65536).split()[0].removeprefix(b"key=").replace(b"%3A", b":")
        for evil in (b"evil", pickle.dumps(Evil()), b"iip1" + bytes(100)):
            opened.sendall(b"set %b 1 0 %d\r\n%b\r\n" % (key, len(evil), evil))
            assert opened.recv(100) == b"STORED\r\n"
            assert fcgi.ask(server, "FIF=odd_r.ptif&JTL=0,0").body == expected.body


class Evil:
    """What an attacker would have us unpickle."""

    def __reduce__(self):
        return os._exit, (1,)


@pytest.mark.parametrize("option", [(), ("-I", "2m")])
def test_the_largest_value_that_is_sent_is_kept(memcached, option):
    process = memcached(*option)
    item_max = 2**21 if option else 2**20
    settings = {"memcached.servers": process.path, "memcached.item_max": str(item_max)}
    settings |= {"memcached.timeout": "1s", "cache.memory": "0"}
    tiers = build_tiers(load_config([], {}, settings).config)
    length = item_max - ITEM_HEAD - len(key_of()) - 25 - len("image/tiff")
    for number, size in enumerate((length, length + 1)):
        big = answer("image/tiff", os.urandom(size))
        for _ in range(2):
            assert tiers.fetch(key_of(number), lambda big=big: big) == big
    assert (tiers.counts.memcached, tiers.counts.oversized, tiers.counts.errors) == (1, 2, 0)


class Guarded:
    """A memcached that answers whoever says name and password (SASL PLAIN), and knows nothing."""

    LIST, AUTHENTICATE, GET = 0x20, 0x21, 0x0C

    def __init__(self):
        self.said = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:{1}".format(*self._listening.getsockname())
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self):
        opened, _ = self._listening.accept()
        with opened:
            while len(head := opened.recv(24, socket.MSG_WAITALL)) == 24:
                _, code, key, extra, _, _, length, opaque, _ = struct.unpack("!BBHBBHIIQ", head)
                body = opened.recv(length, socket.MSG_WAITALL) if length else b""
                self.said.append((code, body[extra + key :]))
                value = {self.LIST: b"PLAIN", self.AUTHENTICATE: b"Authenticated"}.get(code, b"")
                status = 1 if code == self.GET else 0
                reply = struct.pack(
                    "!BBHBBHIIQ", 0x81, code, 0, 0, 0, status, len(value), opaque, 0
                )
                opened.sendall(reply + value)

    def close(self):
        self._listening.close()


ASK_GUARDED = """
import sys
from iipastro.config import load_config
from iipastro.handlers.caches import build_tiers, pylibmc_of
from iipastro.response import answer
settings = {"memcached.servers": sys.argv[1], "memcached.timeout": "1s", "cache.memory": "0"}
settings |= {"memcached.username": "worker", "memcached.password": "plugh"}
build_tiers(load_config([], {}, settings).config).fetch("k", lambda: answer("text/plain", b"x"))
"""


def test_name_and_password_are_said_to_servers(tools):
    plug_ins = [str(path.parent) for path in Path("/usr/lib").glob("*/sasl2/libplain.so")]
    if not plug_ins:
        pytest.skip("libsasl2-modules is not installed")
    if not pylibmc_of(load_config([], {}, {}).config).support_sasl:
        pytest.skip("this libmemcached was built without SASL")
    guarded = Guarded()
    subprocess.run(  # the library of a wheel looks for its plug-ins elsewhere, and only once
        [sys.executable, "-c", ASK_GUARDED, guarded.address],
        env=tools.environment(SASL_PATH=plug_ins[0]), check=True, timeout=60,
    )  # fmt: skip
    guarded.close()
    assert (guarded.AUTHENTICATE, b"worker\0worker\0plugh") in guarded.said
    assert guarded.GET in [code for code, _ in guarded.said]


@pytest.mark.parametrize("command", ["iipastro serve", "iipsrv.fcgi"])
def test_a_library_that_is_missing_ends_the_start(start, tools, tmp_path, command):
    (tmp_path / "pylibmc.py").write_text("raise ImportError('no libmemcached')")
    words = {
        "iipastro serve": [*tools.iipastro, "serve", "--listen", f"unix:{tmp_path}/s"],
        "iipsrv.fcgi": [*tools.iipsrv, "--bind", f"{tmp_path}/s"],
    }[command]
    path = f"{tmp_path}:{tools.root}"
    process = start(words, PYTHONPATH=path, MEMCACHED_SERVERS="localhost")
    assert process.wait(30) == 78
    assert "iipastro[memcached]" in process.log.read_text()


def test_a_worker_keeps_to_its_memory(tools):
    """10 000 tiles of two kinds; 100 000 are `make soak` (issue: bound + 10 %)."""
    program = tools.root / "tests" / "bench" / "soak_memory.py"
    done = subprocess.run(
        [sys.executable, program, "4000", "24"],
        env=tools.environment(), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
