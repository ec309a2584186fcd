"""conf/nginx/iipastro-cache.conf in nginx, before a server made to order and before our own."""

from __future__ import annotations

import concurrent.futures
import json
import os
import shutil
import threading
import time

import pytest

pytestmark = pytest.mark.integration

SITE = "iipastro-cache.conf"
PLACE = "unix:/run/iipastro/iipastro.sock"
TILE = "FIF=multi5_1k.ptif&JTL=1,0"
LONG = ("fastcgi_cache_valid 200 1s;", "fastcgi_cache_valid 200 1h;")


def cgi(body=b"tile", *lines):
    head = ("Content-Type: image/jpeg", "Cache-Control: max-age=86400", *lines, "", "")
    return "\r\n".join(head).encode() + body


def at(server):
    return (PLACE, server.place)


# ---- what is kept, and for whom


def test_a_hit_does_not_reach_the_daemon(nginx, upstream, get):
    server = upstream(lambda _: cgi())
    front = nginx(SITE, at(server), LONG)
    answers = [get(front.port, TILE) for _ in range(3)]
    assert [answer.tier for answer in answers] == ["MISS", "HIT", "HIT"]
    assert {answer.body for answer in answers} == {b"tile"}
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"query": "FIF=multi5_1k.ptif&JTL=1,1"},
        {"query": TILE, "path": "/fcgi-bin/iipsrv.fcgi/zoom"},
        {"query": TILE, "Host": "mirror.example.org"},
        {"query": TILE, "Host": "127.0.0.1:8443"},
    ],
)
def test_requests_that_differ_share_no_answer(nginx, upstream, get, other):
    server = upstream(lambda v: cgi((v["REQUEST_URI"] + v["HTTP_HOST"]).encode()))
    front = nginx(SITE, at(server), LONG)
    first, second = get(front.port, TILE), get(front.port, **other)
    assert (first.tier, second.tier) == ("MISS", "MISS")
    assert first.body != second.body


def test_the_host_of_the_key_is_the_one_that_the_daemon_reads(nginx, upstream, get):
    server = upstream(lambda v: cgi(v["HTTP_HOST"].encode()))
    front = nginx(SITE, at(server), LONG)
    forged = f"http://good.example.org/fcgi-bin/iipsrv.fcgi?{TILE}"
    get(front.port, path=forged, Host="evil.example.org")
    assert get(front.port, TILE, Host="good.example.org").body == b"good.example.org"


def varying(variables):
    origin = variables.get("HTTP_ORIGIN", "")
    allowed = origin if origin.endswith(".example.org") else ""
    more = (f"Access-Control-Allow-Origin: {allowed}",) if allowed else ()
    return cgi(b"tile", "Vary: Origin", 'ETag: "one"', *more)


def test_each_origin_has_the_header_that_is_its_own(nginx, upstream, get):
    server = upstream(varying)
    front = nginx(SITE, at(server), LONG)
    origins = ["https://a.example.org", "https://b.example.org", "https://evil.org"]
    for tier in ("MISS", "HIT"):
        for origin in origins:
            answer = get(front.port, TILE, Origin=origin)
            expected = origin if "example" in origin else None
            assert answer.headers["Access-Control-Allow-Origin"] == expected
            assert (answer.tier, answer.headers["Vary"]) == (tier, "Origin")
        answer = get(front.port, TILE)
        assert answer.headers["Access-Control-Allow-Origin"] is None
    assert len(server.asked) == 4


def test_a_304_of_nginx_has_the_headers_of_its_origin(nginx, upstream, get):
    front = nginx(SITE, at(upstream(varying)), LONG)
    for origin in ("https://a.example.org", "https://b.example.org"):
        get(front.port, TILE, Origin=origin)
        answer = get(front.port, TILE, Origin=origin, If_None_Match='"one"')
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Cache-Control"] == "max-age=86400"
        assert answer.headers["Vary"] == "Origin"


def test_a_head_fills_the_cache_for_a_get(nginx, upstream, get):
    server = upstream(lambda v: cgi(v["REQUEST_METHOD"].encode()))
    front = nginx(SITE, at(server), LONG)
    head = get(front.port, TILE, "HEAD")
    assert (head.status, head.body, head.tier) == (200, b"", "MISS")
    answer = get(front.port, TILE)
    assert (answer.body, answer.tier) == (b"GET", "HIT")
    assert get(front.port, TILE, "HEAD").tier == "HIT"
    assert len(server.asked) == 1


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_other_methods_pass_through(nginx, upstream, get, method):
    server = upstream(lambda v: cgi(v["REQUEST_METHOD"].encode()))
    front = nginx(SITE, at(server), LONG)
    get(front.port, TILE)
    answers = [get(front.port, TILE, method) for _ in range(2)]
    assert [answer.body for answer in answers] == [method.encode()] * 2
    assert get(front.port, TILE).body == b"GET"
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", ["400", "404", "413", "500", "503"])
def test_errors_are_not_kept(nginx, upstream, get, status):
    answers = iter([cgi(b"error", f"Status: {status} x"), cgi()])
    front = nginx(SITE, at(upstream(lambda _: next(answers))), LONG)
    first, second = get(front.port, TILE), get(front.port, TILE)
    assert (first.status, second.status) == (int(status), 200)
    assert second.body == b"tile"


@pytest.mark.parametrize(
    ("line", "tier"),
    [
        ("Cache-Control: no-store", "MISS"),
        ("Cache-Control: max-age=60, private", "MISS"),
        ("Cache-Control: no-cache", "MISS"),
        ("Cache-Control: max-age=0", "HIT"),  # for browsers
        ("X-Name: no-store", "HIT"),
        ("Set-Cookie: a=b", "MISS"),
    ],
)
def test_what_the_daemon_forbids_to_keep_is_not_kept(nginx, upstream, get, line, tier):
    answer = f"Content-Type: image/jpeg\r\n{line}\r\n\r\ntile".encode()
    front = nginx(SITE, at(upstream(lambda _: answer)), LONG)
    assert [get(front.port, TILE).tier for _ in range(2)] == ["MISS", tier]


@pytest.mark.parametrize(("size", "tier"), [(9_999_999, "HIT"), (10_000_000, "MISS")])
def test_a_large_export_is_not_kept(nginx, upstream, get, size, tier):
    front = nginx(SITE, at(upstream(lambda _: cgi(bytes(size), f"Content-Length: {size}"))), LONG)
    answers = [get(front.port, TILE) for _ in range(2)]
    assert [len(answer.body) for answer in answers] == [size, size]
    assert answers[1].tier == tier


def test_a_client_cannot_pass_by_the_cache(nginx, upstream, get):
    front = nginx(SITE, at(upstream(lambda _: cgi())), LONG)
    get(front.port, TILE)
    assert get(front.port, TILE, Cache_Control="no-cache", Pragma="no-cache").tier == "HIT"


# ---- many at once, and copies that have grown old


def test_many_misses_of_one_tile_make_it_once(nginx, upstream, get):
    def slow(_):
        time.sleep(0.3)
        return cgi()

    server = upstream(slow)
    front = nginx(SITE, at(server), LONG)
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: get(front.port, TILE), range(20)))
    assert {answer.body for answer in answers} == {b"tile"}
    assert len(server.asked) == 1


def test_an_old_copy_is_asked_about_with_its_etag_and_date(nginx, upstream, get, tools):
    date = "Sun, 01 Nov 2026 00:00:00 GMT"

    def answer(variables):
        if variables.get("HTTP_IF_NONE_MATCH") == '"one"':
            assert variables["HTTP_IF_MODIFIED_SINCE"] == date
            return cgi(b"", "Status: 304 Not Modified", 'ETag: "one"')
        return cgi(b"tile", 'ETag: "one"', f"Last-Modified: {date}")

    server = upstream(answer)
    front = nginx(SITE, at(server))
    assert get(front.port, TILE).tier == "MISS"
    tiers = set()

    def revalidated():
        answer = get(front.port, TILE)
        tiers.add(answer.tier)
        return (answer.body, answer.tier) == (b"tile", "REVALIDATED")

    assert tools.wait_until(revalidated)
    assert tiers <= {"HIT", "REVALIDATED"}
    assert get(front.port, TILE).status == 200


def test_an_old_copy_serves_while_one_request_asks_for_the_new(nginx, upstream, get, tools):
    version, go_on = ["old"], threading.Event()

    def answer(_):
        if version[0] == "new":
            go_on.wait(30)
        return cgi(version[0].encode())

    server = upstream(answer)
    front = nginx(SITE, at(server))
    assert get(front.port, TILE).body == b"old"
    version[0] = "new"
    time.sleep(2.1)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(get, front.port, TILE)
        assert tools.wait_until(lambda: len(server.asked) == 2)
        others = [get(front.port, TILE) for _ in range(5)]
        assert {(answer.body, answer.tier) for answer in others} == {(b"old", "UPDATING")}
        assert len(server.asked) == 2
        go_on.set()
        assert (first.result().body, first.result().tier) == (b"new", "EXPIRED")
    assert get(front.port, TILE).body == b"new"


def test_a_copy_of_any_age_is_not_served_without_asking(nginx, upstream, get):
    bodies = iter([b"old", b"new"])
    front = nginx(SITE, at(upstream(lambda _: cgi(next(bodies)))))
    get(front.port, TILE)
    time.sleep(2.1)
    assert get(front.port, TILE).body == b"new"


# ---- before our own server


def test_kept_tiles_are_shown_while_the_daemon_is_away(nginx, serve, get):
    daemon = serve()
    front = nginx(SITE, at(daemon))
    tile = get(front.port, TILE)
    daemon.terminate()
    daemon.wait()
    time.sleep(2.1)
    answer = get(front.port, TILE)
    assert (answer.body, answer.tier) == (tile.body, "STALE")
    assert get(front.port, "FIF=multi5_1k.ptif&JTL=1,1").status == 502


def test_a_swapped_file_is_seen_within_the_validity(nginx, serve, get, tools, images):
    front = nginx(SITE, at(serve()))
    query = "FIF=odd_r.ptif&obj=max-size"
    assert get(front.port, query).body == b"\r\nMax-size:1237 811\r\n"
    shutil.copy(tools.data / "multi5_1k.ptif", images / "swap")
    os.replace(images / "swap", images / "odd_r.ptif")
    swapped = time.monotonic()
    seen = tools.wait_until(lambda: get(front.port, query).body == b"\r\nMax-size:1024 1024\r\n")
    assert seen
    assert time.monotonic() - swapped < 4  # two seconds, and the machine may be busy


def test_a_removed_file_is_not_shown_any_more(nginx, serve, get, tools, images):
    front = nginx(SITE, at(serve()))
    assert get(front.port, TILE).status == 200
    (images / "multi5_1k.ptif").unlink()
    assert tools.wait_until(lambda: get(front.port, TILE).status == 404)


def test_our_copies_are_found_to_be_still_good(nginx, serve, get, tools):
    front = nginx(SITE, at(serve()))
    first = get(front.port, TILE)
    answers = []

    def asked_about():
        answers.append(get(front.port, TILE))
        return answers[-1].tier == "REVALIDATED"

    assert tools.wait_until(asked_about)
    assert {answer.body for answer in answers} == {first.body}


def test_our_preflight_and_our_origins_pass_the_cache(nginx, serve, get):
    sites = "[cors]\norigins = https://a.example.org, https://b.example.org\n"
    front = nginx(SITE, at(serve(sites)), LONG)
    for origin in ("https://a.example.org", "https://b.example.org"):
        for tier in ("MISS", "HIT"):
            answer = get(front.port, TILE, Origin=origin)
            assert answer.tier == tier
            assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert get(front.port, TILE, "OPTIONS", Origin=origin).status == 204
    assert (
        get(front.port, TILE, Origin="https://evil.org").headers.get_all(
            "Access-Control-Allow-Origin"
        )
        is None
    )


def test_every_client_has_the_document_of_its_version_beside_a_list_of_origins(nginx, serve, get):
    sites = "[cors]\norigins = https://a.example.org, https://b.example.org\n"
    front = nginx(SITE, at(serve(sites)), LONG)
    context = "http://iiif.io/api/image/2/context.json"
    accepts = ({}, {"Accept": "application/json"}, {"Accept": f'text/x;profile="{context}"'})
    for tier in ("MISS", "HIT"):
        seen = []
        for accept in accepts:
            for origin in ({}, {"Origin": "https://a.example.org"}):
                answer = get(front.port, "IIIF=odd_r.ptif/info.json", **accept, **origin)
                assert answer.tier == tier
                assert answer.headers["Access-Control-Allow-Origin"] == origin.get("Origin")
            document = json.loads(answer.body)
            seen.append((answer.headers["Content-Type"].partition(";")[0], "@id" in document))
        assert seen == [
            ("application/ld+json", False), ("application/json", False), ("application/json", True)
        ]  # fmt: skip


EMBARGO = "[http]\ncache_rules =\n    multi5* => private, no-store\n"


@pytest.mark.parametrize(
    ("before", "after", "name", "values"),
    [
        ("[cors]\norigins = https://a.example, https://b.example\n",
         "[cors]\norigins = https://b.example\n",
         "Access-Control-Allow-Origin", ("https://a.example", None)),
        ("", EMBARGO, "Cache-Control", ("max-age=86400", "private, no-store")),
    ],
)  # fmt: skip
def test_what_settings_put_into_headers_is_seen_within_the_validity(
    nginx, serve, get, tools, before, after, name, values
):
    daemon = serve(before)
    front = nginx(SITE, at(daemon))
    origin = {"Origin": "https://a.example"}
    for tier in ("MISS", "HIT"):
        answer = get(front.port, TILE, **origin)
        assert (answer.tier, answer.headers[name]) == (tier, values[0])
    daemon.terminate()
    daemon.wait()
    serve(after)
    answers = []

    def seen():
        answers.append(get(front.port, TILE, **origin))
        return answers[-1].headers[name] == values[1]

    assert tools.wait_until(seen)
    assert len(answers[-1].body) == len(answers[0].body)
    assert "REVALIDATED" not in {answer.tier for answer in answers}


def test_the_commands_of_the_file_empty_the_cache(nginx, upstream, get, start):
    server = upstream(lambda _: cgi())
    front = nginx(SITE, at(server), LONG)
    tiles = ["FIF=m31.ptif&JTL=0,0", "FIF=m31.ptif&JTL=1,0", "FIF=m33.ptif&JTL=0,0"]
    text = (front.folder / "site.conf").read_text()
    everything = text.partition("all of it:")[2].splitlines()[0]
    one_image = text.partition("one image:")[2].splitlines()[0]

    def tiers():
        return [get(front.port, tile).tier for tile in tiles]

    assert tiers() == ["MISS", "MISS", "MISS"]
    assert start(["sh", "-c", one_image]).wait() == 0
    assert tiers() == ["MISS", "MISS", "HIT"]
    assert start(["sh", "-c", everything]).wait() == 0
    assert tiers() == ["MISS", "MISS", "MISS"]
