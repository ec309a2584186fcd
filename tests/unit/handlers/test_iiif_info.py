"""info.json of the IIIF Image API: 3.0, section 5; 2.1, section 5."""

from __future__ import annotations

import json

import pytest

from iipastro.geometry import Size
from iipastro.handlers.iiif_info import serve_iiif_info
from iipastro.images.source import Level
from iipastro.jobs import IiifInfo, Job
from iipastro.view import View

BASE = "https://h/iiif/a"
PLAIN = View()
TILE = Size(256, 256)
LEVELS = tuple(Level(Size(1237 >> n, 811 >> n), TILE) for n in (2, 1, 0))
SIZES = [
    {"width": 309, "height": 202},
    {"width": 618, "height": 405},
    {"width": 1237, "height": 811},
]


@pytest.fixture
def answer(ramp, shelve):
    def answered(version, settings=None, linked=True, view=PLAIN, of_both=False, **facts):
        service = shelve(settings, a=ramp(**{"levels": LEVELS} | facts))
        asked = IiifInfo(version, BASE, linked, of_both)
        return serve_iiif_info(Job("a", view, asked), asked, service.catalog.open("a"), service)

    return answered


@pytest.fixture
def document(answer):
    return lambda *args, **kwargs: json.loads(answer(*args, **kwargs).body)


def test_version_3_is_a_document_of_its_specification(document):
    assert document(3) == {
        "@context": "http://iiif.io/api/image/3/context.json",
        "id": BASE,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": 1237,
        "height": 811,
        "sizes": SIZES,
        "tiles": [{"width": 256, "height": 256, "scaleFactors": [1, 2, 4]}],
        "maxWidth": 5000,
        "maxHeight": 5000,
        "maxArea": 25000000,
        "extraQualities": ["gray", "bitonal"],
        "extraFormats": ["webp", "avif", "tif"],
        "extraFeatures": ["canonicalLinkHeader", "mirroring", "profileLinkHeader", "sizeUpscaling"],
    }


def test_version_2_is_a_document_of_its_specification(document):
    assert document(2) == {
        "@context": "http://iiif.io/api/image/2/context.json",
        "@id": BASE,
        "protocol": "http://iiif.io/api/image",
        "width": 1237,
        "height": 811,
        "sizes": SIZES,
        "tiles": [{"width": 256, "height": 256, "scaleFactors": [1, 2, 4]}],
        "profile": [
            "http://iiif.io/api/image/2/level2.json",
            {
                "formats": ["jpg", "png", "webp", "avif", "tif"],
                "qualities": ["gray", "bitonal", "default"],
                "supports": [
                    "canonicalLinkHeader",
                    "mirroring",
                    "profileLinkHeader",
                    "regionSquare",
                    "sizeAboveFull",
                ],
                "maxWidth": 5000,
                "maxHeight": 5000,
                "maxArea": 25000000,
            },
        ],
    }


@pytest.mark.parametrize("version", [2, 3])
def test_the_context_comes_first(answer, version):
    assert answer(version).body.startswith(b'{\n  "@context": "http://iiif.io/api/image/')


@pytest.mark.parametrize("version", [2, 3])
def test_the_type_is_that_of_linked_data_where_it_is_wanted(answer, version):
    context = f"http://iiif.io/api/image/{version}/context.json"
    assert answer(version).mime == f'application/ld+json;profile="{context}"'
    assert answer(version, linked=False).mime == "application/json"
    assert answer(version, linked=False).body == answer(version).body


def test_colours_are_announced_where_there_are_some(document):
    assert document(3, channels=3)["extraQualities"] == ["color", "gray", "bitonal"]
    qualities = document(2, channels=5)["profile"][1]["qualities"]
    assert qualities == ["color", "gray", "bitonal", "default"]


@pytest.mark.parametrize(
    ("view", "channels", "colours"),
    [
        (View(colormap="jet"), 1, True),
        (View(mix=((1.0,), (0.5,), (0.0,))), 1, True),
        (View(mix=((1.0, 1.0, 1.0),)), 3, False),
        (View(light=(1, 2)), 3, False),
        (View(palette="gray", colormap="jet"), 1, False),
    ],
)
def test_colours_are_those_of_the_picture(document, view, channels, colours):
    told = document(3, view=view, channels=channels)
    assert ("color" in told["extraQualities"]) is colours


def test_what_is_too_large_or_not_allowed_is_not_announced(document):
    settings = {"limits.max_output": "618", "encoding.allow_upscaling": "no"}
    three, two = document(3, settings), document(2, settings)
    assert three["sizes"] == two["sizes"] == SIZES[:2]
    assert (three["maxWidth"], three["maxHeight"], three["maxArea"]) == (618, 618, 381924)
    assert "sizeUpscaling" not in three["extraFeatures"]
    assert "sizeAboveFull" not in two["profile"][1]["supports"]
    assert document(3, {"limits.max_output": "200"})["tiles"] == []


def test_tiles_of_several_sizes_are_told_apart(document):
    levels = (
        Level(Size(500, 300), Size(64, 64)),  # is smaller by no whole number
        Level(Size(1000, 800), Size(128, 64)),
        Level(Size(2000, 1600), Size(128, 64)),
        Level(Size(4000, 3200), Size(512, 512)),
    )
    assert document(3, levels=levels)["tiles"] == [
        {"width": 512, "height": 512, "scaleFactors": [1]},
        {"width": 128, "height": 64, "scaleFactors": [2, 4]},
    ]


def test_a_factor_is_told_once(document):
    sizes = Size(618, 405), Size(619, 406), Size(1237, 811)
    levels = tuple(Level(size, TILE) for size in sizes)
    assert document(3, levels=levels)["tiles"][0]["scaleFactors"] == [1, 2]


CC = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(("version", "told"), [("2", True), ("3", False)])
def test_sizes_above_full_are_told_where_pictures_are_asked_for_so(document, version, told):
    """Without a version in its address `2000,` is read in the one of the settings."""
    supports = document(2, {"iiif.version": version}, of_both=True)["profile"][1]["supports"]
    assert ("sizeAboveFull" in supports) is told


@pytest.mark.parametrize(
    ("setting", "tag", "three", "two"),
    [
        ("", b"", {}, {}),
        (CC, b"", {"rights": CC}, {"license": CC}),
        ("(c) ESO", b"", {}, {"attribution": "(c) ESO"}),
        ("(c) ESO", CC.encode(), {"rights": CC}, {"license": CC}),
        (CC, b"\xa9 a, \xff", {}, {"attribution": "\ufffd a, \ufffd"}),
    ],
)
def test_rights_are_those_of_the_file_or_of_the_settings(document, setting, tag, three, two):
    metadata = {"copyright": tag} if tag else {}
    words = ("rights", "license", "attribution")
    for version, expected in ((3, three), (2, two)):
        told = document(version, {"iiif.rights": setting}, metadata=metadata)
        assert {word: told[word] for word in words if word in told} == expected


def test_the_size_of_a_pixel_is_told_where_it_is_known(document):
    physical = {
        "@context": "http://iiif.io/api/annex/services/physdim/1/context.json",
        "id": f"{BASE}#physdim",
        "type": "PhysicalDimensions",
        "profile": "http://iiif.io/api/annex/services/physdim",
        "physicalScale": 0.0125,
        "physicalUnits": "cm",
    }
    assert document(3, dots_per_metre=(8000.0, 8000.0))["service"] == [physical]
    [service] = document(2, dots_per_metre=(8000.0, 8000.0))["service"]
    assert (service["@id"], service["@type"]) == (f"{BASE}#physdim", "PhysicalDimensions")


def test_members_of_the_settings_come_too(document):
    settings = {"iiif.extra_info": '{"preferredFormats": ["webp"], "profile": "level1"}'}
    told = document(3, settings)
    assert (told["preferredFormats"], told["profile"]) == (["webp"], "level1")
    assert told["width"] == 1237
