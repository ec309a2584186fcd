"""The ready-made viewer: a tour in each browser, bad input, and everybody's needs."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

pytestmark = pytest.mark.integration

LONG = 900  # seconds: machines are shared


@pytest.fixture(autouse=True)
def more_images(site):
    """Put an image of one pixel and a red picture without a header beside the others."""
    pixel = np.full((1, 1), 7.5, np.float32)
    tifffile.imwrite(site.images / "one.ptif", pixel, tile=(256, 256))
    red = np.full((600, 900, 3), (230, 0, 0), np.uint8)
    tifffile.imwrite(site.images / "red.tif", red, photometric="rgb", tile=(256, 256))


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_a_tour_through_the_viewer_leaves_the_console_empty(run_in_browser, browser):
    run_in_browser("tour.test.js", browser, LONG)


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_bad_input_is_told_in_the_page(run_in_browser, browser):
    run_in_browser("bad_input.test.js", browser, LONG)


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_keys_fingers_and_readers_of_the_screen_reach_all(run_in_browser, browser):
    run_in_browser("access.test.js", browser, LONG)


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_what_has_to_stay_stays(run_in_browser, browser):
    run_in_browser("steady.test.js", browser, LONG)
