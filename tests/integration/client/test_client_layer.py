"""The layer of tiles in each browser."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_the_layer_shows_and_swaps_and_waits(run_in_browser, browser):
    run_in_browser("layer.test.js", browser)
