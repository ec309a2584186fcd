"""Identifiers of any kind, through nginx: what info.json calls an image leads to it again."""

from __future__ import annotations

import json
import re
import shutil
from urllib.parse import quote, urlsplit

import pytest

pytestmark = pytest.mark.integration

NAMES = (
    *("plain.ptif", "a folder/with blanks.ptif", "π/étoile ★.ptif", "50%.ptif", "%2F.ptif"),
    *("a+b.ptif", "what?.ptif", "a#b.ptif", "a&b=c.ptif", "m51[1].ptif", "semi;colon.ptif"),
    *("it's.ptif", 'say "hi".ptif', "a:b@c.ptif", "comma,.ptif", "~tilde^.ptif", "full/max/x.ptif"),
)


@pytest.fixture(scope="module")
def site(doors, data):
    for name in NAMES:
        path = doors.images / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(data / "odd_rgb8.ptif", path)
    return doors()


@pytest.mark.parametrize("slashes", ["", "/"])
@pytest.mark.parametrize("prefix", ["/iiif/2/", "/iiif/3/", "/fcgi-bin/iipsrv.fcgi?GAM=0.5&IIIF="])
@pytest.mark.parametrize("name", NAMES)
def test_the_address_of_an_image_leads_to_it_again(site, name, prefix, slashes):
    asked = prefix + quote(name, safe=slashes)
    info = json.loads(site.get(f"{asked}/info.json").body)
    address = info.get("id") or info["@id"]
    assert address.startswith(f"http://127.0.0.1:{site.port}{prefix}")
    assert address.isascii()
    own = address.removeprefix(f"http://127.0.0.1:{site.port}")
    assert json.loads(site.get(f"{own}/info.json").body) == info
    moved = site.get(own)
    assert (moved.status, moved.headers["Location"]) == (303, f"{address}/info.json")
    picture = site.get(f"{own}/0,0,256,256/128,/0/default.jpg")
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/jpeg")
    (canonical,) = re.findall(r'<([^>]*)>;rel="canonical"', picture.headers["Link"])
    assert canonical.startswith(address)
    place = urlsplit(canonical)
    same = site.get(place.path + (f"?{place.query}" if place.query else ""))
    assert same.body == picture.body
