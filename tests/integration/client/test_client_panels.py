"""What panels do with odd files, with services that the site forbids, and on paper."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_an_odd_region_is_left_out_alone(run_in_browser, browser):
    run_in_browser("regions.test.js", browser)


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_a_service_that_the_policy_of_the_site_forbids_is_named(run_in_browser, browser):
    run_in_browser("services.test.js", browser)


def test_what_is_printed_fits_the_paper(run_in_browser):
    run_in_browser("print.test.js")
