"""The ready-made page in each browser."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_the_page_opens_an_image(run_in_browser, browser):
    run_in_browser("opening.test.js", browser)
