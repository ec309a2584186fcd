"""What holds for every answer holds on every door: marks, tags, HEAD, other sites, members."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

pytestmark = pytest.mark.integration

DARK, PLAIN = "dark.tif", "plain.tif"
MEMBERS = "turning"
PICTURES = {
    "a tile of IIIF 2": "/iiif/2/{}/0,0,256,256/256,/0/default.jpg",
    "a tile of IIIF 3": "/iiif/3/{}/0,0,256,256/256,256/0/default.png",
    "a region of IIIF": "/iiif/3/{}/10,20,300,300/100,100/!90/gray.webp",
    "a tile of DeepZoom": "/dz/{}_files/9/0_0.jpg",
    "a small level of DeepZoom": "/dz/{}_files/7/0_0.png",
    "a tile of Zoomify": "/zoomify/{}/TileGroup0/1-0-0.jpg",
}
TEXTS = {
    "info.json 2": "/iiif/2/{}/info.json",
    "info.json 3": "/iiif/3/{}/info.json",
    "the sheet of DeepZoom": "/dz/{}.dzi",
    "the sheet of Zoomify": "/zoomify/{}/ImageProperties.xml",
}
ALL = {**PICTURES, **TEXTS}


def write(path, level):
    with tifffile.TiffWriter(path) as file:
        for side in (512, 256):
            flat = np.full((side, side), level, np.uint8)
            file.write(flat, tile=(256, 256), subfiletype=int(side < 512), metadata=None)


@pytest.fixture(scope="module")
def site(doors, door_folder):
    write(doors.images / DARK, 0)
    write(doors.images / PLAIN, 40)
    for angle, level in enumerate((50, 100, 150)):
        write(doors.images / f"{MEMBERS}_pyr_{angle:03d}_090.tif", level)
    Image.new("RGBA", (9, 9), (255, 255, 255, 255)).save(door_folder / "mark.png")
    return doors(
        f"[watermark]\nfile = {door_folder}/mark.png\nprobability = 0\nrules =\n    {DARK} => 1\n",
        '[iiif]\ndelimiter = ";"',
    )


def pixels(site, path):
    answer = site.get(path)
    assert answer.status == 200, (path, answer.body)
    return np.asarray(Image.open(io.BytesIO(answer.body)))


@pytest.mark.parametrize("door", PICTURES)
def test_the_mark_is_on_every_picture(site, door):
    marked, plain = (pixels(site, PICTURES[door].format(name)) for name in (DARK, PLAIN))
    assert marked.max() > 100
    assert np.ptp(plain) <= 1


@pytest.mark.parametrize("door", TEXTS)
def test_the_mark_is_in_no_text(site, door):
    dark, plain = (site.get(TEXTS[door].format(name)).body for name in (DARK, PLAIN))
    assert dark.replace(DARK.encode(), PLAIN.encode()) == plain


@pytest.mark.parametrize("door", ALL)
def test_a_copy_that_is_still_good_is_not_sent_again(site, door):
    path = ALL[door].format(PLAIN)
    whole = site.get(path)
    again = site.get(path, **{"If-None-Match": whole.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    for name in ("ETag", "Cache-Control", "Access-Control-Allow-Origin", "Vary", "Link"):
        assert again.headers[name] == whole.headers[name]


@pytest.mark.parametrize("door", ALL)
def test_head_has_the_headers_and_no_body(site, door):
    path = ALL[door].format(PLAIN)
    whole, head = site.get(path), site.get(path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Link"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("door", ALL)
def test_pages_of_other_sites_may_read_answers_and_refusals(site, door):
    for name, status in ((PLAIN, 200), ("none.tif", 404)):
        answer = site.get(ALL[door].format(name), Origin="https://example.org")
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, "*")


@pytest.mark.parametrize(("angle", "level"), [(0, 50), (1, 100), (2, 150)])
def test_every_door_leads_to_each_member_of_a_sequence(site, angle, level):
    by_query = f"/fcgi-bin/iipsrv.fcgi?SDS={angle},90&"
    for path in (
        f"/iiif/3/{MEMBERS};{angle}/full/99,/0/default.png",
        f"/iiif/2/{MEMBERS}%3B{angle}/0,0,256,256/256,/0/default.png",
        f"{by_query}IIIF={MEMBERS}/full/99,/0/default.png",
        f"{by_query}DeepZoom={MEMBERS}_files/9/1_0.png",
        f"{by_query}Zoomify={MEMBERS}/TileGroup0/1-0-1.png",
    ):
        assert np.abs(pixels(site, path).astype(int) - level).max() <= 1, path


def test_settings_before_a_door_hold_behind_it(site):
    for path in (
        f"IIIF={PLAIN}/full/64,/0/default.png",
        f"DeepZoom={PLAIN}_files/9/0_0.png",
        f"Zoomify={PLAIN}/TileGroup0/1-0-0.png",
    ):
        assert (pixels(site, f"/fcgi-bin/iipsrv.fcgi?MINMAX=1:0,80&{path}") == 127).all()
