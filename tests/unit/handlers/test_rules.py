"""Rules go by the name of the image, however it is written."""

from __future__ import annotations

import pytest

from iipastro.config import load_config
from iipastro.config.setting import Rule
from iipastro.handlers.rules import cache_control, for_image

RULES = (Rule("private/*", 1), Rule("*.fits", 2), Rule("private/b*", 3), Rule("x?[ab].tif", 4))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("private/a.tif", 1),
        ("private/a/b.tif", 1),
        ("private/b.fits", 1),  # the first that matches
        ("/private/a.tif", 1),
        ("//private//a.tif", 1),
        ("./private/./a.tif", 1),
        ("private/", 0),  # a folder, that is no image
        ("private", 0),
        ("Private/a.tif", 0),
        ("public/private/a.tif", 0),
        ("public/a.fits", 2),
        ("public/a.fits[2]", 2),
        ("/a.fits[SCI,1][3]", 2),
        ("xya.tif", 4),
        ("xyc.tif", 0),
    ],
)
def test_the_first_rule_that_matches_counts(name, value):
    assert for_image(RULES, name, 0) == value


def test_a_name_with_brackets_may_be_that_of_a_file():
    assert for_image((Rule("a[[]1].fits", 1),), "a[1].fits", 0) == 1


@pytest.fixture
def control():
    rules = "\n  live/*  => no-cache\n\n*.ptif => public, max-age=9\n"
    config = load_config([], {}, {"http.cache_rules": rules, "http.cache_control": "max-age=5"})
    return lambda name, **more: cache_control(name, config.config, **more)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("live/a.ptif", "no-cache"),
        ("a.ptif", "public, max-age=9"),
        ("a.tif", "max-age=5"),
        (None, "max-age=5"),
    ],
)
def test_cache_control_may_depend_on_the_image(control, name, value):
    assert control(name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a.ptif", "private, max-age=9"),
        ("a.tif", "private, max-age=5"),
        ("live/a.ptif", "private, no-cache"),
    ],
)
def test_what_is_drawn_by_lot_is_for_one_browser_only(control, name, value):
    assert control(name, by_lot=True) == value
