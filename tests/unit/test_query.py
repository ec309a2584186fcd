"""One request answered without a web server."""

from __future__ import annotations

import json

import pytest

from iipastro.config import load_config
from iipastro.query import print_answer


@pytest.fixture
def printed(data, capfdbinary):
    """Return the status of a query and what it prints."""
    config = load_config(overrides={"images.root": str(data)}).config

    def answered(text, with_head=False):
        status = print_answer(config, text, with_head)
        return status, capfdbinary.readouterr().out

    return answered


def test_the_answer_goes_to_standard_output(printed):
    found = printed("FIF=odd_r.ptif&obj=IIP,1.0&obj=max-size")
    assert found == (200, b"IIP:1.0\r\nMax-size:1237 811\r\n")


def test_a_tile_comes_whole(printed):
    status, body = printed("FIF=odd_r.ptif&JTL=0,0")
    assert (status, body[:2], body[-2:]) == (200, b"\xff\xd8", b"\xff\xd9")


def test_status_and_headers_come_first_where_asked_for(printed):
    status, text = printed("FIF=odd_r.ptif&obj=max-size", with_head=True)
    head, _, body = text.partition(b"\n\n")
    assert (status, body) == (200, b"\r\nMax-size:1237 811\r\n")
    assert head.startswith(b"200 OK\nServer: iipastro/")
    assert b"\nContent-Type: application/vnd.netfpx\n" in head


def test_a_name_takes_any_bytes(printed):
    status, body = printed("FIF=caf\u00e9\udce9.ptif&JTL=0,0")
    assert status == 404
    assert body


def test_an_image_of_iiif_is_here(printed):
    status, text = printed("IIIF=odd_r.ptif/info.json")
    assert (status, json.loads(text)["id"]) == (200, "http://localhost/?IIIF=odd_r.ptif")
