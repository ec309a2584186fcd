"""Pages that were written for VisiOmatic 2, on our drop-in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

LEAFLET_1_0 = Path(__file__).parents[3] / "client_static/node_modules/leaflet-1.0/dist"


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_the_page_of_the_manual_runs_unmodified(run_in_browser, browser):
    run_in_browser("manual.test.js", browser)


def test_each_name_and_option_does_what_it_did(run_in_browser, site, tools):
    shutil.copytree(LEAFLET_1_0, site.folder / "data" / "leaflet-1.0")
    for name in ("galactic_2d.fits", "sep_image.fits"):
        shutil.copy(tools.data / "fits" / name, site.images / name)
    run_in_browser("names.test.js")
    run_in_browser("options.test.js")
