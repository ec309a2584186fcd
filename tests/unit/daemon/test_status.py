"""The forms of the status page, each read back by somebody else's reader."""

from __future__ import annotations

import json

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from iipastro import __version__
from iipastro.daemon.scoreboard import Scoreboard, State
from iipastro.daemon.status import form_of, status_line, status_page


@pytest.fixture
def board():
    board = Scoreboard(5)
    slot = board.take(0)
    slot.attach()
    slot.be(State.READY)
    slot.begin(1.0, "first")
    slot.end(200, 1000, 0.004)
    slot.begin(1.0, "FIF=<b>&JTL=0,0")
    slot.end(404, 20, 31.0)
    return board


def page(board, query="", accept=""):
    return status_page({"QUERY_STRING": query, "HTTP_ACCEPT": accept}, board)


@pytest.mark.parametrize(
    ("query", "accept", "form"),
    [
        ("", "", "text"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "text"),
        ("json", "", "json"),
        ("openmetrics", "application/json", "openmetrics"),
        ("text", "application/json", "text"),
        ("", "application/json, */*", "json"),
        ("", "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.3", "openmetrics"),
        ("JSON", "", "text"),
        ("FIF=x", "", "text"),
    ],
)
def test_the_form_is_that_of_the_query_or_else_of_accept(query, accept, form):
    assert form_of(query, accept) == form


def test_no_form_is_kept_by_a_cache(board):
    for query in ("", "json", "openmetrics"):
        response = page(board, query)
        assert response.status == 200
        assert dict(response.headers)["Cache-Control"] == "no-store"
        assert dict(response.headers)["Content-Length"] == str(len(response.body))


def test_the_text_has_a_line_for_each_figure_and_each_worker(board):
    response = page(board)
    assert dict(response.headers)["Content-Type"] == "text/plain; charset=utf-8"
    lines = [text.split() for text in response.body.decode().splitlines()]
    assert ["requests", "2"] in lines
    assert ["responses.404", "1"] in lines
    assert ["request_duration_seconds.le.0.005", "1"] in lines
    assert lines[-2][:3] == ["pid", "generation", "state"]
    assert lines[-1][2:3] + lines[-1][5:6] + lines[-1][7:] == ["idle", "2", "FIF=<b>&JTL=0,0"]


def test_json_holds_the_same(board):
    response = page(board, "json")
    assert dict(response.headers)["Content-Type"] == "application/json"
    found = json.loads(response.body)
    assert found["version"] == __version__
    assert found["requests"] == 2
    assert found["responses"]["404"] == 1
    assert found["request_duration_seconds"]["count"] == 2
    assert found["request_duration_seconds"]["sum"] == pytest.approx(31.004)
    assert found["request_duration_seconds"]["buckets"]["+Inf"] == 2
    assert [process["asked"] for process in found["processes"]] == ["FIF=<b>&JTL=0,0"]


def test_openmetrics_is_what_prometheus_reads(board):
    response = page(board, "openmetrics")
    assert dict(response.headers)["Content-Type"].startswith("application/openmetrics-text;")
    families = {f.name: f for f in text_string_to_metric_families(response.body.decode())}
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in families.values()
        for sample in family.samples
    }
    assert values["iipastro_requests_total",] == 2
    assert values["iipastro_responses_total", "404"] == 1
    assert values["iipastro_workers", "idle"] == 1
    assert values["iipastro_build_info", __version__] == 1
    assert values["iipastro_request_duration_seconds_bucket", "0.005"] == 1
    assert values["iipastro_request_duration_seconds_bucket", "+Inf"] == 2
    assert values["iipastro_request_duration_seconds_count",] == 2
    assert families["iipastro_request_duration_seconds"].type == "histogram"
    assert all(family.documentation for family in families.values())


def test_the_line_of_the_error_log_holds_all_but_the_zeros(board):
    text = status_line(board)
    assert text.startswith("status: uptime_seconds=")
    assert "\n" not in text
    assert " requests=2 responses.200=1 responses.404=1 sent_bytes=1020 slow_requests=0 " in text
