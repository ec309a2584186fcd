"""IIIF below a path that nginx makes a query of, as installations of iipsrv have it."""

from __future__ import annotations

import json
import re
import shutil

import pytest

pytestmark = pytest.mark.integration

RULES = """
    rewrite ^/img/(.*)$ /fcgi-bin/iipsrv.fcgi?IIIF=$1 last;
    rewrite ^/dark/(.*)$ /fcgi-bin/iipsrv.fcgi?GAM=0.5&IIIF=$1 last;
"""
NAMES = ("plain.ptif", "a%20folder/x.ptif", "a%20folder%2Fx.ptif", "%CF%80.ptif", "50%25.ptif")


@pytest.fixture(scope="module")
def site(doors, data):
    for name in ("plain.ptif", "a folder/x.ptif", "π.ptif", "50%.ptif"):
        path = doors.images / name
        path.parent.mkdir(exist_ok=True)
        shutil.copy(data / "odd_rgb8.ptif", path)
    return doors(rules=RULES)


@pytest.mark.parametrize("prefix", ["/img/", "/dark/"])
@pytest.mark.parametrize("name", NAMES)
def test_the_address_of_an_image_is_the_one_that_the_client_knows(site, prefix, name):
    own = prefix + name
    address = f"http://127.0.0.1:{site.port}{own}"
    assert json.loads(site.get(f"{own}/info.json?v=1").body)["id"] == address
    moved = site.get(own)
    assert (moved.status, moved.headers["Location"]) == (303, f"{address}/info.json")
    picture = site.get(f"{own}/pct:0,0,50,50/64,/!90/default.jpg")
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/jpeg")
    (canonical,) = re.findall(r'<([^>]*)>;rel="canonical"', picture.headers["Link"])
    assert canonical.startswith(f"{address}/0,0,")
    assert site.get(canonical.removeprefix(f"http://127.0.0.1:{site.port}")).body == picture.body


def test_what_the_rule_says_of_the_picture_holds(site):
    tile = "plain.ptif/0,0,256,256/256,256/0/default.png"
    assert (
        site.get(f"/dark/{tile}").body
        == site.get(f"/fcgi-bin/iipsrv.fcgi?GAM=0.5&IIIF={tile}").body
    )
    assert site.get(f"/dark/{tile}").body != site.get(f"/img/{tile}").body
