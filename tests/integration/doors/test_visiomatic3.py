"""VisiOmatic 3's dialect, and values and facts as JSON, through nginx; the truth is astropy's."""

import io
import json
import shutil

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

pytestmark = pytest.mark.integration

IIP = "/fcgi-bin/iipsrv.fcgi"
API = f"{IIP}/api"  # below a path that nginx passes on already
M51, M13, FIVE = "iraf_dev_pix_m51.fits", "astropy_m13.fits", "multi5_1k.ptif"


@pytest.fixture(scope="session")
def uri_map():
    return f"{API}=>VisiOmatic3"


@pytest.fixture(scope="module")
def site(doors, tools):
    for name in (f"fits/{M51}", f"fits/{M13}", FIVE):
        shutil.copy(tools.data / name, doors.images)
    cube = np.full((2, 5, 9), 0.1, dtype=np.float32)
    cube[0, 3, 4], cube[1, 2, 7] = np.nan, np.inf
    fits.PrimaryHDU(cube).writeto(doors.images / "blank.fits")
    return doors()


@pytest.fixture(scope="module")
def truth(tools):
    """Return a function that gives the samples of a FITS file, row 0 the lowest."""

    def samples(name):
        with fits.open(tools.data / "fits" / name, memmap=False) as hdus:
            return hdus[0].data.astype(np.float32)

    return samples


def picture(answer):
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
    return np.asarray(Image.open(io.BytesIO(answer.body))).astype(float)


def asked(site, path, query):
    answer = site.get(f"{path}?{query}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    return json.loads(answer.body)


# ---- for everyone


def test_values_are_those_of_the_file(site, truth):
    samples = truth(M51)
    places = [(0, 0), (511, 511), (256, 255), (255, 256), (3, 500)]
    query = f"FIF={M51}&VAL=" + ";".join(f"{x},{y}" for x, y in places)
    for (x, y), pixel in zip(places, asked(site, IIP, query)["pixels"], strict=True):
        assert pixel == {"x": x, "y": y, "values": [samples[511 - y, x]]}


def test_all_channels_have_values_and_blank_pixels_none(site):
    (pixel,) = asked(site, IIP, f"FIF={FIVE}&VAL=700,300")["pixels"]
    line = asked(site, IIP, f"FIF={FIVE}&PFL=2:700,300")["profile"]
    assert pixel["values"] == pytest.approx(line)
    assert len(line) == 5
    (blank, infinite) = asked(site, IIP, "FIF=blank.fits&VAL=4,1;7,2")["pixels"]
    assert (blank["values"], infinite["values"]) == ([None, 0.1], [0.1, None])


def test_the_facts_of_an_image_are_told(site):
    info = asked(site, IIP, f"FIF={FIVE}&MINMAX=2:1,2&INFO")
    assert (info["width"], info["height"], info["type"]) == (1024, 1024, "float32")
    assert [level["width"] for level in info["levels"]] == [256, 512, 1024]
    assert [(channel["low"], channel["high"]) for channel in info["channels"]][1] == (1, 2)
    assert info["header"]["BITPIX"] == -32


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (IIP, f"FIF={M51}&VAL=1,1"),
        (IIP, f"FIF={M51}&INFO"),
        (API, f"FIF={M51}&INFO"),
        (API, f"FIF={M51}&VAL=1,1"),
        (API, f"FIF={M51}&CHAN=1&JTL=1,1"),
    ],
)
def test_every_answer_has_a_tag_and_may_be_read_by_other_sites(site, path, query):
    first = site.get(f"{path}?{query}", Origin="https://example.org")
    assert first.status == 200
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age" in first.headers["Cache-Control"]
    again = site.get(f"{path}?{query}", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = site.get(f"{path}?{query.replace(M51, M13)}")
    assert other.headers["ETag"] != first.headers["ETag"]


# ---- VisiOmatic 3


@pytest.mark.parametrize("name", [M51, M13])
def test_a_pixel_is_counted_as_fits_does(site, truth, name):
    samples = truth(name)
    height, width = samples.shape
    for x, y in ((1, 1), (width, height), (100, 200), (200, 100)):
        (value,) = asked(site, API, f"FIF={name}&CHAN=1&VAL={x},{y}")["values"]
        assert value == pytest.approx(samples[y - 1, x - 1], rel=1e-6)
    assert asked(site, API, f"FIF={name}&CHAN=1&VAL=0,1") == {"values": [None]}


@pytest.mark.parametrize(
    ("line", "places"),
    [  # places counted from 0, rows upwards, as VisiOmatic 3.0.7 answers these lines
        ("100,200:103,198", [(99, 199), (100, 198), (101, 198), (102, 197)]),
        ("257,256:254,262", [
            (256, 255), (255, 256), (255, 257), (254, 258), (254, 259), (253, 260), (253, 261)]),
        ("5,5:5,5", [(4, 4)]),
        ("2,512:-1,513", [(1, 511), (0, 511), (-1, 512), (-2, 512)]),
    ],
)  # fmt: skip
def test_a_profile_goes_in_any_direction(site, truth, line, places):
    samples = truth(M51)
    profile = asked(site, API, f"FIF={M51}&CHAN=1&PFL={line}")["profile"]
    assert [(point["x"], point["y"]) for point in profile] == places
    for (x, y), point in zip(places, profile, strict=True):
        inside = 0 <= x < 512 and 0 <= y < 512
        assert point["values"] == ([samples[y, x]] if inside else [None])


def shown(values, low, high, brightness=0.0, contrast=1.0, gamma=2.2):
    """Return the bytes that VisiOmatic 3 shows, but for inversion, mixing and colour maps."""
    scaled = contrast * ((values - low) / (high - low) + brightness / 100)
    return 255 * np.clip(scaled, 0, 1) ** (1 / gamma)


@pytest.mark.parametrize(
    ("query", "settings"),
    [
        ("", {}),
        ("&GAM=1", {"gamma": 1}),
        ("&BRT=20", {"brightness": 20}),
        ("&BRT=-10&CNT=2.5&GAM=1.5", {"brightness": -10, "contrast": 2.5, "gamma": 1.5}),
        ("&CNT=0", {"contrast": 0}),
    ],
)
def test_a_tile_is_what_brightness_contrast_and_gamma_make_of_the_values(
    site, truth, query, settings
):
    wanted = f"FIF={M51}&CHAN=1&MINMAX=1:0,2000&QLT=100{query}&JTL=1,3"
    tile = picture(site.get(f"{API}?{wanted}"))
    values = truth(M51)[::-1][256:, 256:]
    expected = shown(values, 0, 2000, **settings)
    assert np.abs(tile - expected).mean() < 0.7  # a level is dropped, and there is the JPEG
    inverted = picture(site.get(f"{API}?{wanted}&INV"))
    assert np.abs(inverted - (255 - expected)).mean() < 0.7


def test_a_region_is_cut_from_its_level(site, truth):
    query = f"FIF={M51}&CHAN=1&MINMAX=1:0,2000&QLT=100"
    region = picture(site.get(f"{API}?{query}&RGN=13,7:497,503"))
    expected = shown(truth(M51)[::-1][6:502, 12:496], 0, 2000)
    assert region.shape == expected.shape
    assert np.abs(region - expected).mean() < 0.7
    halved = picture(site.get(f"{API}?{query}&RGN=13,7:497,503&BIN=2"))
    tile = picture(site.get(f"{API}?{query}&JTL=0,0"))
    assert halved.shape == (248, 242)
    assert np.abs(halved - tile[3:251, 6:248]).mean() < 0.7
    whole = picture(site.get(f"{API}?{query}&RGN=-100,-100:9999,9999"))
    assert whole.shape == (512, 512)


def test_channels_between_two_colours_are_mixed(site):
    cuts = "".join(f"&MINMAX={n}:0,5000" for n in range(1, 6))
    mixed = picture(site.get(
        f"{API}?FIF={FIVE}{cuts}&GAM=1&QLT=100&MIX=1:0,0,1&MIX=3:0,1,0&MIX=5:1,0,0&JTL=0,0"
    ))  # fmt: skip
    rows = "0,0,0,.3,.6;0,.3,.6,.3,0;.6,.3,0,0,0"  # blue, between, green, between, red; times 3/5
    matrix = picture(site.get(f"{IIP}?FIF={FIVE}{cuts}&CTW={rows}&QLT=100&JTL=0,0"))
    assert np.abs(mixed - matrix).max() <= 1


def test_the_page_is_told_what_it_asks_for(site):
    info = asked(site, API, f"FIF={M51}&INFO")
    assert (info["type"], info["full_size"], info["tile_levels"]) == ("visiomatic", [512, 512], 2)
    assert info["header"]["CD1_1"] == pytest.approx(-0.00021277777)
    assert info["images"][0]["min_max"][0] == sorted(info["images"][0]["min_max"][0])
    text = site.get(f"{API}?FIF={M51}&obj=anything").body
    assert text.startswith(b"IIP:1.0\r\nMax-size:512 512\r\nTile-size:256 256\r\n")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"FIF={M51}&CHAN=1&JTL=0,1", 404),
        (f"FIF={M51}&CHAN=1&JTL=2,0", 404),
        ("FIF=missing.fits&INFO", 404),
        ("FIF=../data/x.fits&INFO", 404),
        (f"FIF={M51}", 400),
        ("INFO", 400),
        (f"FIF={M51}&CHAN=2&JTL=0,0", 400),
        (f"FIF={M51}&JTL=0,0&CTW=1", 400),
        (f"FIF={M51}&RGN=600,1:700,50", 400),
        (f"FIF={M51}&RGN=1,1:100,100&BIN=8", 400),
        (f"FIF={M51}&PFL=1,1:3000000,1", 413),
        (f"FIF={M51}&PFL=-999999999999,1:999999999999,1", 413),
        (f"FIF={M51}&VAL=99999999999999999999,1", 200),
    ],
)
def test_what_cannot_be_answered_is_refused(site, query, status):
    answer = site.get(f"{API}?{query}")
    assert answer.status == status, answer.body
    assert b"/images" not in answer.body
