"""The status page behind each web server, with the files that we ship."""

from __future__ import annotations

import json

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

pytestmark = pytest.mark.integration


def nginx(web):
    site = web.shipped("nginx/iipastro.conf")
    end = site.rindex("}")
    status = web.shipped("nginx/iipastro-status.conf")
    return web.nginx, site[:end] + status + site[end:]


ELSEWHERE = """
RemoteIPHeader X-Pretended
RemoteIPInternalProxy 127.0.0.0/8
"""  # to Apache every address of the loopback is this machine: it is told of another one
FRONTS = {
    "nginx": nginx,
    "Apache": lambda web: (web.apache, web.shipped("apache/proxy_fcgi.conf") + ELSEWHERE),
    "lighttpd": lambda web: (web.lighttpd, web.shipped("lighttpd/iipastro.conf")),
}


@pytest.fixture(scope="module", params=FRONTS)
def site(request, web):
    server, text = FRONTS[request.param](web)
    path = web.behind(web.serve).removeprefix("unix:")
    return web.front(server, web.changed(text, ("/run/iipastro/iipastro.sock", path)))


def test_ping_is_answered(site, ask_page):
    answer = ask_page(site.port, "/iipastro/ping")
    assert (answer.status, answer.body) == (200, b"pong\n")


def test_the_status_counts_what_came_through_the_web_server(site, ask_page):
    def requests():
        return json.loads(ask_page(site.port, "/iipastro/status?json").body)["requests"]

    before = requests()
    for _ in range(7):
        ask_page(site.port, "/fcgi-bin/iipsrv.fcgi?FIF=multi5_1k.ptif&JTL=0,0")
    assert requests() == before + 7


def test_prometheus_reads_the_status_in_the_form_that_it_asks_for(site, ask_page):
    accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2"
    answer = ask_page(site.port, "/iipastro/status", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    names = {family.name for family in text_string_to_metric_families(answer.body.decode())}
    assert {"iipastro_requests", "iipastro_workers", "iipastro_request_duration_seconds"} <= names


def test_other_machines_see_no_page(site, ask_page):
    headers = {"X-Pretended": "192.0.2.1"}
    for page in ("status", "ping"):
        answer = ask_page(site.port, f"/iipastro/{page}", headers=headers, source="127.0.0.2")
        assert answer.status == 403


def test_a_page_is_not_below_the_path_of_the_images(site, ask_page):
    for path in ("/fcgi-bin/iipsrv.fcgi/iipastro/status", "/fcgi-bin/iipsrv.fcgi/iipastro/ping"):
        assert b"pong" not in (answer := ask_page(site.port, path)).body
        assert b"uptime" not in answer.body
