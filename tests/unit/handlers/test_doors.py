"""Defaults of images, beneath what a request says itself."""

from __future__ import annotations

import pytest

from iipastro.config import load_config
from iipastro.handlers import serve
from iipastro.handlers.doors import as_configured
from iipastro.handlers.fresh import NONE
from iipastro.images.source import Range
from iipastro.protocol.iip import parse
from iipastro.view import Cut, View


def configured(query, settings="", pattern="*"):
    rules = f"{pattern} => {settings}" if settings else ""
    config = load_config([], {}, {"doors.settings": rules}).config
    return as_configured(parse(query, 64), config)


@pytest.mark.parametrize(
    ("settings", "before", "view"),
    [
        ("GAM=2&CMP=jet", "", View(gamma=2.0, colormap="jet")),
        ("GAM=2&CMP=jet", "GAM=1&", View(gamma=1.0, colormap="jet")),
        ("GAM=2&CMP=jet", "CMP=grey&", View(gamma=2.0)),
        ("GAM=log", "GAM=3&", View(gamma=3.0)),
        ("CNT=eq", "CNT=1&", View()),
        ("CNT=stretch", "INV&", View(stretched=True, inverted=True)),
        ("CNT=4", "CNT=eq&", View(equalized=True)),
        ("CTW=1,2;3,4", "CTW=5,6&", View(mix=((5.0, 6.0),))),
        ("CTW=1,2;3,4", "", View(mix=((1.0, 2.0), (3.0, 4.0)))),
        ("MINMAX=1:2,3", "", View(cuts=(Cut(0, 2.0, 3.0),))),
        ("MINMAX=-:0,9", "MINMAX=2:4,5&", View(cuts=(Cut(None, 0.0, 9.0), Cut(1, 4.0, 5.0)))),
        ("SDS=3,90", "", View(angles=(3, 90))),
        ("SDS=3,90", "SDS=0,90&", View()),
    ],
)
def test_the_request_overrides_the_default(settings, before, view):
    assert configured(f"{before}DeepZoom=a.dzi", settings).view == view


def test_images_of_other_names_have_no_defaults():
    job = parse("DeepZoom=n/a.dzi", 64)
    assert configured("DeepZoom=n/a.dzi", "GAM=2", "m/*") == job
    assert configured("DeepZoom=n/a.dzi") is job
    assert configured("DeepZoom=//n/./a.dzi", "GAM=2", "n/*").view.gamma == 2


@pytest.fixture
def ask(ramp, shelve):
    other = ramp(cuts=(Range(0.0, 5.0),))
    settings = {"doors.settings": "a => GAM=2\nd => SDS=3,90"}
    sequences = {name: {0: ramp(), 3: other} for name in "sd"}
    service = shelve(settings, a=ramp(), o=other, **sequences)
    return lambda query: serve(parse(query, 64), NONE, service)


def test_a_default_shows_in_pictures_and_their_tags(ask):
    by_default, plain = (
        ask("Zoomify=a/TileGroup0/2-0-0.png"),
        ask("GAM=1&Zoomify=a/TileGroup0/2-0-0.png"),
    )
    assert by_default.body == ask("GAM=2&Zoomify=a/TileGroup0/2-0-0.png").body
    assert by_default.body != plain.body
    assert dict(by_default.headers)["ETag"] != dict(plain.headers)["ETag"]


def test_clients_of_iip_say_what_they_want_themselves(ask):
    assert ask("FIF=a&PTL=1,0").body == ask("GAM=1&Zoomify=a/TileGroup0/2-0-0.png").body


DOORS = [
    "DeepZoom={}.dzi",
    "DeepZoom={}_files/4/1_0.png",
    "Zoomify={}/ImageProperties.xml",
    "Zoomify={}/TileGroup0/2-1-0.png",
    "IIIF={}/full/max/0/default.png",
    "IIIF={}/0,0,4,4/4,4/0/default.png",
]


@pytest.mark.parametrize("door", DOORS)
def test_a_member_of_a_sequence_is_chosen_at_every_door(ask, door):
    member = ask(door.format("o")).body
    assert ask(f"SDS=3,90&{door.format('s')}").body == member
    assert ask(door.format("d")).body == member
    if door.endswith("png"):
        assert ask(door.format("s")).body != member
        assert ask(f"SDS=0,90&{door.format('d')}").body == ask(door.format("s")).body


def test_what_is_asked_again_is_the_same_job():
    query, settings = "GAM=1&DeepZoom=a.dzi", "GAM=2&CMP=jet"
    assert configured(query, settings) is configured("".join(query), settings)
    assert configured(query, "CMP=hot").view.colormap == "hot"  # another configuration
