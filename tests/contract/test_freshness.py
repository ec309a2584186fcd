"""What a client has is good only while everything that came with it is (operations 4.6)."""

from __future__ import annotations

import pytest

from iipastro.config import load_config
from iipastro.handlers.service import build_service
from iipastro.wsgi import respond

QUERIES = ["FIF=multi5_1k.ptif&JTL=0,0", "FIF=multi5_1k.ptif&OBJ=max-size", "OBJ=IIP-server"]


@pytest.fixture
def ask(data):
    """A function that answers a request under settings."""

    def asked(query, settings, **environ):
        settings = {"images.root": str(data)} | settings
        service = build_service(load_config([], {}, settings).config)
        response = respond(
            {"REQUEST_METHOD": "GET", "QUERY_STRING": query, **environ}, b"", service
        )
        service.catalog.close()
        return response

    return asked


CHANGES = [
    ({}, {"cors.origins": "https://a.example"}),
    ({"cors.origins": "https://a.example"}, {"cors.origins": "https://b.example"}),
    ({"cors.origins": "*"}, {}),
    ({}, {"http.cache_control": "no-cache"}),
    ({}, {"http.cache_rules": "multi5* => private, no-store"}),  # a rule is for images
]


@pytest.mark.parametrize(
    ("query", "before", "after"),
    [
        (query, *change)
        for query in QUERIES
        for change in CHANGES
        if "FIF" in query or "http.cache_rules" not in change[1]
    ],
)
def test_a_copy_with_other_headers_is_not_good_any_more(ask, query, before, after):
    tag = dict(ask(query, before).headers)["ETag"]
    assert ask(query, before, HTTP_IF_NONE_MATCH=tag).status == 304
    again = ask(query, after, HTTP_IF_NONE_MATCH=tag)
    assert again.status == 200
    assert dict(again.headers)["ETag"] != tag


def test_a_rule_for_other_images_leaves_copies_good(ask):
    tag = dict(ask(QUERIES[0], {}).headers)["ETag"]
    again = ask(QUERIES[0], {"http.cache_rules": "odd* => no-cache"}, HTTP_IF_NONE_MATCH=tag)
    assert again.status == 304
