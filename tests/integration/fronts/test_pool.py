"""conf/nginx/iipastro-pool.conf and conf/memcached.conf: two daemons, two ports, one memcached."""

from __future__ import annotations

import concurrent.futures
import os
import signal
import socket
import threading
import time

import pytest

from iipastro.config import Config

pytestmark = pytest.mark.integration

SITE = "iipastro-pool.conf"
TILES = [f"FIF=multi5_1k.ptif&JTL=2,{index}" for index in range(16)]
LONG = (  # a tile of five channels, as VisiOmatic asks for it: memcached takes keys of 250 bytes
    "FIF=multi5_1k.ptif&CMP=grey&CNT=1.2&GAM=0.4545&MINMAX=1:-12.5,1234.5678"
    "&MINMAX=2:-13.25,2345.6789&MINMAX=3:-14.125,3456.789&MINMAX=4:-15.5,4567.8901"
    "&MINMAX=5:-16.75,5678.9012&CTW=0.0667,-0.0583,-0.05,0.375,0.8;-0.0667,0.2667,0.6,0.2667,-0.0667;"
    "0.8,0.375,-0.05,-0.0583,-0.0667&QLT=90&JTL=2,5"
)
OURS = ("-d", "-u", "-P", "-s", "-a", "-l", "-p", "logfile")  # said by the tests in their own way
WHO = (
    "        fastcgi_keep_conn off;",
    "        fastcgi_keep_conn off;\n        add_header X-Who $upstream_addr always;",
)


@pytest.fixture
def pool(nginx, serve, tools):
    """Start two daemons with the same settings, and nginx in front of them."""

    def started(*sections):
        ports = [tools.free_port() for _ in range(2)]
        daemons = [serve(*sections, port=port, name=f"daemon{port}") for port in ports]
        servers = [(f"10.0.0.1{n}:9000 max", f"127.0.0.1:{p} max") for n, p in enumerate(ports, 1)]
        return nginx(SITE, WHO, *servers), daemons

    return started


def test_a_tile_goes_to_the_same_daemon_whatever_its_cuts_are(pool, get):
    front, daemons = pool()
    by_tile = {}
    for tile in TILES:
        image, _, index = tile.partition("&")
        for cuts in ("", "&MINMAX=1:0,10", "&GAM=0.5&CNT=1.2"):
            answer = get(front.port, f"{image}{cuts}&{index}")
            assert answer.status == 200
            by_tile.setdefault(tile, set()).add(answer.headers["X-Who"])
    assert {len(who) for who in by_tile.values()} == {1}
    used = set.union(*by_tile.values())
    assert used == {f"127.0.0.1:{daemon.port}" for daemon in daemons}


def test_both_daemons_give_a_tile_the_same_bytes_and_etag(pool, fcgi):
    _, daemons = pool()
    answers = [fcgi.ask(("127.0.0.1", daemon.port), TILES[0]) for daemon in daemons]
    assert answers[0].body == answers[1].body
    assert answers[0].headers["etag"] == answers[1].headers["etag"]


def test_no_request_fails_when_a_daemon_is_killed(pool, get):
    front, daemons = pool()
    killed, stop = threading.Event(), threading.Event()
    seen = []  # status, and whether it was asked after the kill

    def ask(number):
        while not stop.is_set():
            after = killed.is_set()
            tile = TILES[number % len(TILES)]
            if number % 5:
                answer = get(front.port, tile)
            else:
                form = {"Content_Type": "application/x-www-form-urlencoded"}
                answer = get(front.port, "", "POST", tile.encode(), **form)
            seen.append((answer.status, after))
            number += 4

    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        running = [clients.submit(ask, number) for number in range(4)]
        time.sleep(1)
        os.killpg(daemons[0].pid, signal.SIGKILL)
        killed.set()
        time.sleep(2)
        stop.set()
        for client in running:
            client.result()
    assert {status for status, _ in seen} == {200}
    assert sum(after for _, after in seen) > 20
    other = f"127.0.0.1:{daemons[1].port}"
    assert {get(front.port, tile).headers["X-Who"].split(", ")[-1] for tile in TILES} == {other}


def test_a_daemon_that_comes_back_has_its_tiles_again(pool, get, serve, tools):
    front, daemons = pool()
    mine = f"127.0.0.1:{daemons[0].port}"
    tile = next(t for t in TILES if get(front.port, t).headers["X-Who"] == mine)
    daemons[0].terminate()
    daemons[0].wait()
    assert get(front.port, tile).status == 200
    serve(port=daemons[0].port, name="again")
    assert tools.wait_until(lambda: get(front.port, tile).headers["X-Who"] == mine, 40)


def test_a_503_stays_with_its_daemon(nginx, upstream, get):
    busy = [upstream(lambda _: b"Status: 503 x\r\nRetry-After: 10\r\n\r\nbusy") for _ in range(2)]
    servers = [(f"10.0.0.1{n}:9000 max", f"{b.place} max") for n, b in enumerate(busy, 1)]
    front = nginx(SITE, *servers)
    assert get(front.port, TILES[0]).status == 503
    assert sum(len(server.asked) for server in busy) == 1


def test_a_query_that_kills_whoever_answers_it_takes_no_daemon_away(nginx, upstream, get):
    def answer(variables):
        if "CVT" in variables["QUERY_STRING"]:
            raise ConnectionAbortedError  # the worker is killed: it took too long
        return b"Content-Type: image/jpeg\r\n\r\ntile"

    pool = [upstream(answer) for _ in range(3)]
    first, second, third = (server.place for server in pool)
    servers = [
        ("10.0.0.11:9000 max", f"{first} max"),
        ("    server 10.0.0.12:9000 max_fails=3 fail_timeout=10s;",
         "".join(f"    server {each} max_fails=3 fail_timeout=10s;\n" for each in (second, third))),
    ]  # fmt: skip
    front = nginx(SITE, *servers)
    assert get(front.port, "FIF=a.ptif&CVT=jpeg").status == 502
    assert sum(len(server.asked) for server in pool) == 2  # not at all of them
    before = [len(server.asked) for server in pool]
    assert {get(front.port, tile).status for tile in TILES * 2} == {200}
    assert all(len(server.asked) > had for server, had in zip(pool, before, strict=True))


def test_the_pool_and_the_cache_fit_together_as_the_guide_says(nginx, serve, tools, get):
    text = (tools.root / "conf" / "nginx" / SITE).read_text()
    blocks = text[text.index("map $args") : text.index("server {\n    listen")]
    lines = text[text.index("fastcgi_pass iipastro;") : text.index("fastcgi_next_upstream_tries")]
    daemon = serve(port=tools.free_port())
    blocks = blocks.replace("10.0.0.11:9000", f"127.0.0.1:{daemon.port}")
    blocks = blocks.replace("10.0.0.12:9000", f"127.0.0.1:{tools.free_port()}")  # nobody there
    front = nginx(
        "iipastro-cache.conf",
        ("fastcgi_cache_path /var", f"{blocks}\nfastcgi_cache_path /var"),
        (
            "fastcgi_pass unix:/run/iipastro/iipastro.sock;",
            f"{lines} fastcgi_next_upstream_tries 2;",
        ),
        ("fastcgi_cache_valid 200 1s;", "fastcgi_cache_valid 200 1h;"),
    )
    for tier in ("MISS", "HIT"):
        answers = [get(front.port, tile) for tile in TILES]
        assert {(answer.status, answer.tier) for answer in answers} == {(200, tier)}


# ---- one memcached for all


@pytest.fixture
def shipped(tools):
    """Return the options of conf/memcached.conf that are not places."""
    text = (tools.root / "conf" / "memcached.conf").read_text()
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    assert {words[0] for words in lines} >= {"-u", "-s", "-m", "-I"}
    return [word for words in lines if words[0] not in OURS for word in words]


def statistics(process, kind=""):
    with socket.socket(socket.AF_UNIX) as opened:
        opened.connect(process.path)
        opened.sendall(f"stats{kind}\r\n".encode())
        said = b""
        while not said.endswith(b"END\r\n"):
            said += opened.recv(65536)
    rows = (line.split() for line in said.decode().splitlines()[:-1])
    return {row[1]: row[2] for row in rows}


def test_memcached_takes_our_options_and_holds_what_we_send(memcached, shipped):
    settings = statistics(memcached(*shipped), " settings")
    assert settings["maxbytes"] == str(1024 << 20)
    assert settings["item_size_max"] == str(Config().memcached.item_max)
    assert settings["udpport"] == "0"


@pytest.mark.parametrize("query", [TILES[0], LONG])
@pytest.mark.parametrize("more", ["", "shared_files = yes\n", "secret = between us\n"])
def test_a_tile_made_by_one_daemon_is_found_by_the_other(
    pool, memcached, shipped, fcgi, query, more
):
    assert len(LONG) > 250
    place = memcached(*shipped)
    _, daemons = pool(f"[memcached]\nservers = {place.path}\ntimeout = 1s\n[cache]\n{more}")
    first = fcgi.ask(daemons[0].address, query)
    assert first.status == 200
    assert statistics(place)["curr_items"] == "1"
    assert statistics(place)["get_hits"] == "0"
    second = fcgi.ask(daemons[1].address, query)
    assert (second.body, second.headers) == (first.body, first.headers)
    assert statistics(place)["get_hits"] == "1"


def test_daemons_with_other_secrets_or_settings_share_nothing(serve, memcached, fcgi, tools):
    place = memcached()
    answers = [
        fcgi.ask(serve(text, name=f"n{number}").address, TILES[0])
        for number, text in enumerate(
            f"[memcached]\nservers = {place.path}\ntimeout = 1s\n{more}"
            for more in ("", "[cache]\nsecret = ours\n", "[encoding]\njpeg_quality = 60\n")
        )
    ]
    assert statistics(place)["curr_items"] in {"2", "3"}  # the second one finds and mistrusts
    assert answers[0].body == answers[1].body
    assert answers[0].body != answers[2].body
    assert answers[0].headers["etag"] != answers[2].headers["etag"]


def test_a_picture_does_not_outlive_a_secret(serve, memcached, fcgi):
    """What one who has no secret has put there is not shown by those who have one."""
    place = memcached()
    servers = f"[memcached]\nservers = {place.path}\ntimeout = 1s\n"
    fcgi.ask(serve(servers, name="open").address, TILES[0])
    daemon = serve(servers, "[cache]\nmemory = 0\nsecret = ours\n", name="closed")
    for _ in range(2):
        assert fcgi.ask(daemon.address, TILES[0]).status == 200
    assert int(statistics(place)["cmd_set"]) == 2
