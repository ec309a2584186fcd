from __future__ import annotations

import pytest

from iipastro.images.selection import Selection, split_selection


@pytest.mark.parametrize(
    ("name", "file", "selection"),
    [
        ("a.fits[2]", "a.fits", Selection(hdu=2)),
        ("a.fits[0]", "a.fits", Selection(hdu=0)),
        ("deep/a.fits[SCI]", "deep/a.fits", Selection(name="SCI")),
        ("a.fits[sci]", "a.fits", Selection(name="SCI")),
        ("a.fits[CHIP1.INT1]", "a.fits", Selection(name="CHIP1.INT1")),
        ("a.fits[SCI,2]", "a.fits", Selection(name="SCI", version=2)),
        ("a.fits[2][3]", "a.fits", Selection(hdu=2, plane=3)),
        ("a.fits[SCI,2][3]", "a.fits", Selection(name="SCI", version=2, plane=3)),
        ("a[1].fits[2]", "a[1].fits", Selection(hdu=2)),
    ],
)
def test_brackets_at_the_end_choose_an_image(name, file, selection):
    assert split_selection(name) == (file, selection)


@pytest.mark.parametrize(
    "name",
    [
        "a.fits",
        "[2]",
        "deep/[2]",
        "a.fits[]",
        "a.fits[2",
        "a.fits[2]x",
        "a.fits[2][0]",
        "a.fits[2][-1]",
        "a.fits[2][SCI]",
        "a.fits[2][3][4]",
        "a.fits[SCI,x]",
        "a.fits[../b]",
        "a.fits[" + "9" * 100 + "]",
    ],
)
def test_other_brackets_mean_nothing(name):
    assert split_selection(name) is None
