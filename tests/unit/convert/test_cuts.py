from __future__ import annotations

import numpy as np
import pytest
import tifffile

from iipastro.convert.cuts import Rule, sample_cuts
from iipastro.convert.fits import open_source
from iipastro.convert.source import ConvertError, Options
from iipastro.geometry import Size


class Pixels:
    """A source of an array."""

    def __init__(self, array):
        self.array = np.atleast_3d(array).astype(np.float32)
        self.size = Size(*self.array.shape[1::-1])
        self.channels = self.array.shape[2]

    def read(self, top, rows):
        assert 0 <= top < top + rows <= self.size.height
        return self.array[top : top + rows].copy()


RAMP = np.arange(1, 1001, dtype=np.float32).reshape(20, 50)  # 1 to 1000


def both(method, low, high, **more):
    return Rule(method, (low,), method, (high,), **more)


@pytest.mark.parametrize("name", ["multi5_1k", "odd_r", "nan_1k"])
def test_the_cuts_are_those_of_stiff_on_its_own_pixels(name, data):
    with tifffile.TiffFile(data / f"{name}.ptif") as tiff:
        page = tiff.pages[0]
        source = Pixels(page.asarray())
        lows, highs = (np.atleast_1d(page.tags[tag].value) for tag in (340, 341))
    cuts = sample_cuts(source, Rule())
    assert [cut.high for cut in cuts] == list(highs)
    for cut, low in zip(cuts, lows, strict=True):
        assert abs(cut.low - low) <= 2e-7 * (cut.high - cut.low)


@pytest.mark.parametrize(
    ("name", "low", "high"),  # what STIFF 2.4 writes of the same file
    [
        ("astropy_m13", 120.0110092163086, 2109.0),
        ("astropy_sip-wcs", 3202.994873046875, 4208.0),
        ("galactic_2d", 1.5432700820383616e-05, 0.0002644658670760691),
        ("iraf_dev_pix_m51", 86.51751708984375, 1569.0),
        ("sep_image", 6841.84228515625, 20610.015625),
    ],
)
def test_the_cuts_of_real_files_are_those_of_stiff(name, low, high, data):
    source = open_source([str(data / "fits" / f"{name}.fits")], Options())
    (cut,) = sample_cuts(source, Rule())
    source.close()
    assert cut == pytest.approx((low, high), rel=3e-7)


def test_greylevel_gives_the_background_that_grey():
    (cut,) = sample_cuts(Pixels(RAMP), Rule(low_levels=(0.25,), high="manual", high_levels=(1001,)))
    assert (501 - cut.low) / (1001 - cut.low) == pytest.approx(0.25)


def test_a_given_background_is_used():
    rule = Rule("greylevel", (0.5,), "manual", (300.0,), sky=(100.0,))
    assert sample_cuts(Pixels(RAMP), rule) == ((-100.0, 300.0),)


def test_quantiles_are_of_the_halves_as_stiff_counts():
    assert sample_cuts(Pixels(RAMP), both("quantile", 0.5, 0.5)) == ((251.0, 751.0),)
    assert sample_cuts(Pixels(RAMP), both("quantile", 0.0, 1.0)) == ((1.0, 1000.0),)


def test_percentiles_are_of_all_pixels():
    (cut,) = sample_cuts(Pixels(RAMP), both("percentile", 10, 90))
    assert cut == pytest.approx((100.9, 900.1))


def test_manual_cuts_are_taken_as_they_are_for_all_channels_or_each():
    three = Pixels(np.dstack([RAMP] * 3))
    assert sample_cuts(three, both("manual", 5, 7)) == ((5, 7),) * 3
    rule = Rule("manual", (1, 2, 3), "manual", (9,))
    assert sample_cuts(three, rule) == ((1, 9), (2, 9), (3, 9))


def test_zscale_is_that_of_astropy():
    from astropy.visualization import ZScaleInterval

    rng = np.random.default_rng(1)
    array = rng.normal(100, 5, (90, 90)).astype(np.float32)
    array[:5] += 1000
    (cut,) = sample_cuts(Pixels(array), both("zscale", 0, 0))
    wanted = ZScaleInterval(n_samples=10_000).get_limits(np.sort(array.ravel()))
    assert cut == pytest.approx(wanted, rel=1e-6)
    assert 60 < cut.low < 100 < cut.high < 150


def test_only_finite_pixels_count():
    array = np.tile(RAMP, (1, 2))
    array[:, ::2] = np.nan
    array[0, :2] = np.inf, -np.inf
    (cut,) = sample_cuts(Pixels(array), both("percentile", 0, 100))
    assert 0 < cut.low < cut.high <= 1000


def test_replaced_pixels_do_not_count():
    array = RAMP.copy()
    array[:12] = -1
    (cut,) = sample_cuts(Pixels(array), both("quantile", 0, 1, ignore=-1.0))
    assert cut == (601.0, 1000.0)


def test_a_channel_without_a_finite_pixel_has_zero_and_one():
    assert sample_cuts(Pixels(np.full((3, 4), np.nan)), Rule()) == ((0.0, 1.0),)
    assert sample_cuts(Pixels(np.full((3, 4), np.nan)), both("manual", 2, 3)) == ((2.0, 3.0),)


@pytest.mark.parametrize(
    ("value", "cut"),
    [(0, (-1, 1)), (5, (4, 6)), (-5000, (-5005, -4995)), (1e30, (9.99e29, 1.001e30))],
)
def test_equal_cuts_are_moved_apart(value, cut):
    (got,) = sample_cuts(Pixels(np.full((3, 4), value, np.float32)), Rule())
    assert got == pytest.approx(cut, rel=1e-6)


def test_one_pixel_has_cuts():
    assert sample_cuts(Pixels(np.full((1, 1), 7.0)), Rule()) == ((6.0, 8.0),)


def test_cuts_are_finite_in_single_precision():
    array = np.array([[-3e38, 3e38]] * 4, np.float32)
    (cut,) = sample_cuts(Pixels(array), Rule(low_levels=(0.999,)))
    assert np.isfinite(cut).all()
    assert cut.low != cut.high


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (Rule("nonsense"), "no rule 'nonsense'"),
        (Rule(high="greylevel"), "no rule 'greylevel' and 'greylevel' for cuts"),
        (Rule(low_levels=(1, 2)), "2 low levels for 1 channels"),
        (Rule(high_levels=()), "0 high levels for 1 channels"),
        (Rule("zscale", (1, 2)), "2 low levels for 1 channels"),
        (Rule("zscale", (), "manual", ()), "0 high levels for 1 channels"),
        (Rule(sky=(1, 2)), "2 sky levels"),
        (both("manual", float("nan"), 1), "low levels are not finite"),
        (both("quantile", 0, 1.5), "a level of quantile is from 0 to 1"),
        (both("percentile", -1, 99), "a level of percentile is from 0 to 100"),
        (Rule(low_levels=(1.0,)), "a level of greylevel is less than 1"),
    ],
)
def test_a_rule_of_nonsense_is_refused(rule, message):
    with pytest.raises(ConvertError, match=message):
        sample_cuts(Pixels(RAMP), rule)
