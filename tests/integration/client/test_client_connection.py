"""The page on a bad connection."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_nothing_is_lost_when_the_connection_breaks(run_in_browser, browser):
    run_in_browser("glitch.test.js", browser)
