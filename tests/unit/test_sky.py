"""The synthetic sky."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tifffile

from iipastro.geometry import Size
from iipastro.sky import (
    BANDS,
    SATURATION,
    Galaxy,
    Sky,
    Star,
    background,
    card,
    header,
    in_bands,
    make_sky,
    write_sky,
)

SIDE = 600


@pytest.fixture(scope="module")
def painted():
    return np.concatenate(list(make_sky(SIDE).strips()))


@pytest.fixture
def cards():
    text = header(Size(300, 300), 1, Size(600, 601), BANDS)
    return [text[at : at + 80] for at in range(0, len(text), 80)]


def test_the_same_sky_is_painted_each_time(painted):
    again = np.concatenate(list(make_sky(SIDE).strips()))
    assert painted.shape == (SIDE, SIDE, 5)
    assert painted.dtype == np.float32
    assert again.tobytes() == painted.tobytes()


def test_another_seed_gives_another_sky(painted):
    assert not np.array_equal(next(make_sky(SIDE, seed=5).strips()), painted[:256])


def test_the_noise_depends_on_the_seed_and_differs_from_strip_to_strip():
    first, second = Sky(512, 1, (), ()).strips()
    other = next(Sky(512, 2, (), ()).strips())
    assert abs(np.corrcoef(first[..., 2].ravel(), other[..., 2].ravel())[0, 1]) < 0.2
    assert abs(np.corrcoef(first[..., 2].ravel(), second[..., 2].ravel())[0, 1]) < 0.2
    # r: sqrt(640 ADU / 15 e-/ADU + 2 ADU ** 2)
    assert np.diff(first[:, :, 2]).std() / 2**0.5 == pytest.approx(6.83, rel=0.02)


def test_the_sky_level_lies_just_above_the_low_cut(painted):
    for channel, band in enumerate(BANDS):
        level = float(np.median(painted[:, :, channel]))
        assert band.low < level < band.low + 0.05 * (band.high - band.low)


def test_bright_stars_are_saturated_and_nothing_passes_the_saturation():
    canvas = next(Sky(256, 1, (Star(100.5, 80.5, 5e6, 0.0, 60.0),), ()).strips())
    assert canvas.max() == SATURATION
    assert canvas[80, 100, 2] == SATURATION
    assert np.isfinite(canvas).all()


def test_a_star_brings_the_flux_that_it_is_given():
    star = Star(128.0, 128.0, 100_000.0, 0.0, 120.0)
    steps = np.arange(256, dtype=np.float32) - 127.5
    ((_, light),) = star.light(steps[None, :], steps[:, None])
    assert light.sum() == pytest.approx(100_000, rel=0.02)  # the rest lies outside
    assert light[127, 127] == light[128, 128] == light.max()


def test_only_a_bright_star_has_spikes():
    steps = np.arange(101, dtype=np.float32) - 50
    for flux, spiked in ((100_000.0, False), (1e6, True)):
        star = Star(0.0, 0.0, flux, 0.0, 120.0)
        ((_, light),) = star.light(steps[None, :], steps[:, None])
        along, beside = light[50 + 28, 50 + 28], light[50, 50 + 40]  # as far from the star
        assert (along > 1.5 * beside) == spiked


def test_a_galaxy_with_arms_is_uneven_along_a_circle():
    turn = np.linspace(0, 2 * np.pi, 100, dtype=np.float32)
    across, down = 30 * np.cos(turn)[None, :], 30 * np.sin(turn)[None, :]
    for arms, even in ((0.0, True), (0.7, False)):
        galaxy = Galaxy(0.0, 0.0, 1e6, 0.0, 90.0, 15.0, 1.0, 0.0, arms)
        (_, disk), _ = galaxy.light(across, down)
        assert (disk.max() < 1.01 * disk.min()) == even


def test_a_galaxy_is_inclined_along_its_angle():
    galaxy = Galaxy(0.0, 0.0, 1e5, 0.0, 60.0, 8.0, 0.3, math.pi / 2, 0.0)
    steps = np.arange(-40, 41, dtype=np.float32)
    light = sum(part for _, part in galaxy.light(steps[None, :], steps[:, None]))
    assert light[40 + 20, 40] > 5 * light[40, 40 + 20]  # its long axis stands upright


def test_a_star_on_the_seam_of_two_strips_is_whole():
    sky = Sky(512, 3, (Star(300.0, 256.0, 50_000.0, 0.0, 40.0),), ())
    upper, lower = sky.strips()
    above, below = upper[-1, 290:310, 2], lower[0, 290:310, 2]
    assert above.max() > 2000
    np.testing.assert_allclose(above, below, rtol=0.1)


def test_the_tint_turns_colours_about_the_r_band():
    blue, white, red = in_bands(-0.3), in_bands(0.0), in_bands(0.3)
    assert blue[2] == white[2] == red[2] == 1
    assert blue[0] > white[0] > red[0]
    assert blue[4] < white[4] < red[4]


def test_the_background_slopes_gently_and_is_grey():
    empty = background(512, 0, 256)
    slope = empty - np.array([band.sky for band in BANDS], np.float32)
    assert 2 < np.ptp(slope[:, :, 2]) < 12  # ADU
    np.testing.assert_allclose(slope[:, :, 0], 0.3 * slope[:, :, 2], atol=1e-3)


@pytest.mark.parametrize(
    ("key", "value", "expected"),  # FITS 4.0 §4.2
    [
        ("NAXIS1", 300, "NAXIS1  =                  300"),
        ("CHAN0001", "u", "CHAN0001= 'u       '"),
        ("CTYPE1", "RA---TAN", "CTYPE1  = 'RA---TAN'"),
        ("EQUINOX", 2000.0, "EQUINOX =               2000.0"),
        ("CD1_1", -5.125e-05, "CD1_1   =           -5.125E-05"),
    ],
)
def test_a_card_has_80_characters(key, value, expected):
    assert card(key, value) == expected.ljust(80)


def test_the_header_has_a_wcs_and_names_the_channels(cards):
    values = {c[:8].rstrip(): c[10:].split(" / ")[0].strip() for c in cards}
    assert all(len(c) == 80 for c in cards)
    assert cards[0].startswith("SIMPLE  =                    T")
    assert values["CTYPE1"] == "'RA---TAN'"
    assert [values[f"CHAN000{n}"] for n in range(1, 6)] == [f"'{b:<8}'" for b in "ugriz"]
    assert "LATPOLE" not in values  # VisiOmatic 2 stops at it


def test_the_header_of_a_level_is_scaled_to_it(cards):
    values = {c[:8].rstrip(): c[10:].split(" / ")[0].strip() for c in cards}
    assert (values["NAXIS1"], values["NAXIS2"]) == ("300", "300")
    assert float(values["CRPIX1"]) == 150.5
    # The middle of 601 rows is 300.5 below the upper edge: 150.25 of the level's rows, of 300.
    assert float(values["CRPIX2"]) == 300.5 - 150.25
    scale = math.hypot(float(values["CD1_1"]), float(values["CD2_1"]))
    assert scale == pytest.approx(2 * 0.186 / 3600)


def test_the_file_has_the_levels_the_cuts_and_the_progress(tmp_path):
    done = []
    write_sky(str(tmp_path / "sky.ptif"), SIDE, done.append)
    with tifffile.TiffFile(tmp_path / "sky.ptif") as file:
        assert [page.shape for page in file.pages] == [(600, 600, 5), (300, 300, 5)]
        page = file.pages[0]
        assert (page.tags[340].value[2], page.tags[341].value[2]) == (630.0, 1400.0)
        assert page.tags[270].count == 28 * 80 + 1
        assert page.description == header(Size(600, 600), 0, Size(600, 600), BANDS).rstrip()
    assert done == [42, 85, 100]
