"""The whole way of a request: web servers with the files that we ship, and each way to start us."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import time

import pytest
from PIL import Image

pytestmark = pytest.mark.integration

MULTI = "FIF=multi5_1k.ptif"
OPENING = (  # spec 10 #1
    "&obj=IIP,1.0&obj=max-size&obj=tile-size&obj=resolution-number&obj=bits-per-channel"
    "&obj=min-max-sample-values&obj=subject"
)
COLOUR = "&CTW=0.0,0.0,0.12,0.55,0.9;0.02,0.4,0.8,0.3,0.0;0.95,0.6,0.1,0.0,0.0"


def picture(answer):
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    return Image.open(io.BytesIO(answer.body))


def test_the_opening_request_is_what_visiomatic_reads(site, get):
    answer = get(site, MULTI + OPENING)
    assert answer.status == 200
    text = answer.body.decode("latin-1")
    assert re.search(r"IIP:\d+\.\d*", text)
    assert re.search(r"Max-size:(\d+)\s+(\d+)", text).groups() == ("1024", "1024")
    assert re.search(r"Tile-size:(\d+)\s+(\d+)", text).groups() == ("256", "256")
    assert int(re.search(r"Resolution-number:(\d+)", text)[1]) >= 1
    assert re.search(r"Bits-per-channel:(\d+)", text)[1] == "32"
    values = re.search(r"Min-Max-sample-values:\s*(.*)\r\n", text)[1]
    assert len([float(value) for value in re.split(r"\s+", values)]) / 2 == 5
    assert re.search(r"NAXIS1 *= *(\d+)", text)[1] == "1024"


def test_a_tile_as_visiomatic_asks_for_it(site, get):
    query = f"{MULTI}&CMP=jet&INV&CNT=1.2&GAM=0.4545&MINMAX=1:0,500{COLOUR}&QLT=80&JTL=0,0"
    answer = get(site, query)
    assert picture(answer).size[0] <= 256
    assert answer.headers["Cache-Control"] == "max-age=86400"
    assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_a_snapshot_as_visiomatic_asks_for_it(site, get):
    answer = get(site, f"{MULTI}{COLOUR}&RGN=-0.1,0.2,0.5,0.5&WID=300&CVT=jpeg")
    assert picture(answer).size[0] == 300
    assert "multi5_1k" in answer.headers["Content-Disposition"]


def test_a_profile_as_visiomatic_asks_for_it(site, get):
    levels = int(re.search(rb"number:(\d+)", get(site, MULTI + "&obj=resolution-number").body)[1])
    answer = get(site, f"{MULTI}&PFL={levels - 1}:10,20-110,20")
    assert answer.status == 200
    assert len(json.loads(answer.body)["profile"]) == 100 * 5


def test_head_has_the_headers_and_no_body(site, get):
    whole, head = get(site, MULTI + "&JTL=0,0"), get(site, MULTI + "&JTL=0,0", "HEAD")
    assert head.status == 200
    assert head.body == b""
    assert head.headers["Content-Type"] == "image/jpeg"
    assert head.headers["Content-Length"] == str(len(whole.body))


def test_the_form_of_a_post_is_the_query(site, get):
    form = (MULTI + "&obj=max-size").encode()
    more = {"Content-Type": "application/x-www-form-urlencoded"}
    assert b"Max-size:1024 1024" in get(site, "", "POST", form, **more).body


def test_a_form_that_is_too_long_is_refused_in_a_way_that_pages_can_read(site, get):
    assert get(site, "", "POST", b"x" * 70000).status == 413


def test_options_tells_what_is_allowed(site, get):
    answer = get(site, MULTI, "OPTIONS")
    assert answer.status == 204
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("FIF=nothing.ptif&obj=max-size", 404),
        (MULTI + "&JTL=99,0", 404),
        ("FIF=../../../etc/passwd&obj=max-size", 404),
        ("FOO=1", 400),
        ("FIF=" + "x" * 9000, 414),
    ],
)
def test_refusals_can_be_read_by_pages_and_name_no_path_of_ours(site, get, tools, query, status):
    answer = get(site, query)
    assert answer.status == status
    assert str(tools.data).encode() not in answer.body


def test_a_copy_that_is_still_good_is_not_sent_again(site, get):
    date = get(site, MULTI + "&obj=max-size").headers["Last-Modified"]
    answer = get(site, MULTI + "&obj=max-size", **{"If-Modified-Since": date})
    assert answer.status == 304
    assert answer.body == b""


def test_an_empty_query_shows_that_the_server_is_there(site, get):
    answer = get(site)
    assert answer.status == 200
    assert b"iipastro" in answer.body


def test_no_tile_is_spooled_to_the_disk(site, get):
    for index in range(4):
        assert get(site, f"{MULTI}{COLOUR}&QLT=100&JTL=1,{index}").status in {200, 404}
    assert "buffered to a temporary file" not in (site.folder / "error.log").read_text()


def test_an_export_of_some_megabytes_arrives_whole(site, get):
    answer = get(site, f"{MULTI}{COLOUR}&WID=3000&QLT=100&CVT=jpeg")
    assert picture(answer).size == (3000, 3000)
    picture(answer).load()


# ---- stopping in the middle of the service


def test_a_graceful_stop_under_load_breaks_no_answer(start, tools, tmp_path, fcgi):
    path = tmp_path / "served.sock"
    daemon = start(
        [*tools.iipsrv, "--bind", str(path)], path, WORKERS="2", FILESYSTEM_PREFIX=str(tools.data)
    )
    assert tools.wait_until(lambda: len(tools.children(daemon.pid)) == 2)
    open_ones = []
    for _ in range(6):
        client = fcgi.connect(path)
        client.sendall(fcgi.request(MULTI + "&WID=800&CVT=jpeg"))
        open_ones.append(client)
    time.sleep(0.1)
    daemon.terminate()
    whole = 0
    for client in open_ones:
        with contextlib.suppress(OSError):  # one that was never accepted
            whole += fcgi.read_answer(client).status == 200
        client.close()
    assert whole >= 1
    assert daemon.wait(10) == 0


def test_the_shipped_site_file_is_what_nginx_itself_accepts(tools, tmp_path):
    nginx = tools.find("nginx", "nginx")
    shipped = tools.root / "conf" / "nginx" / "iipastro.conf"
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; events {{}} http {{ include {shipped}; }}"
    )
    words = [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(words, capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C"})  # fmt: skip
    assert "syntax is ok" in done.stderr, done.stderr
