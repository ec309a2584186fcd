from __future__ import annotations

import pytest

from iipastro.images.fits_cards import data_bytes, inherited, value_of


def padded(text: str) -> bytes:
    return text.ljust(80).encode()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NAXIS   =                    2 / axes", 2),
        ("BZERO   =                32768", 32768),
        ("A       = -7", -7),
        ("CD1_1   =  -5.187325638864E-05", -5.187325638864e-05),
        ("A       = 1.5D3", 1500.0),
        ("A       = 12.", 12.0),
        ("A       = .5", 0.5),
        ("SIMPLE  =                    T / yes", True),
        ("A       =                    F", False),
        ("A       = 'it''s / so  '       / comment", "it's / so"),
        ("A       = ''", ""),
        ("A       = 'open", None),
        ("A       =                      / nothing", None),
        ("A       = NaN", None),
        ("A       = 1_000", None),
        ("A       = (1, 2)", None),
        ("A       = -12/ twelve", -12),
        ("A       =             -1.5d+03", -1500.0),
        ("A       = 1 2", None),
        ("A       = ", None),
        ("A         12", None),
        ("A       =12", None),
        (f"A       = {'9' * 70}", int("9" * 70)),
        ("A       = 1E99999", float("inf")),
        ("COMMENT = not a value", None),
        ("HISTORY 5 = 4", None),
    ],
)
def test_a_value_is_what_fits_says(text, value):
    got = value_of(padded(text))
    assert (type(got), got) == (type(value), value)


@pytest.mark.parametrize(
    ("axes", "bits", "extra", "groups", "random", "length"),  # FITS 4.0 eq. 1, 2, 4
    [
        ((), 8, 0, 1, False, 0),
        ((7, 5), 16, 0, 1, False, 70),
        ((7, 5), -64, 0, 1, False, 280),
        ((0, 5), 16, 0, 1, False, 0),
        ((10, 3), 8, 25, 1, False, 55),  # a table and its heap
        ((0, 3, 4), -32, 2, 5, True, 4 * 5 * (2 + 12)),
        ((3, 4), -32, 2, 5, True, 4 * 5 * (2 + 12)),
    ],
)
def test_data_are_as_long_as_the_standard_says(axes, bits, extra, groups, random, length):
    assert data_bytes(axes, bits, extra, groups, random) == length


def test_what_says_something_of_one_hdu_alone_is_not_inherited():
    structure = ["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0", "EXTEND  = T", "BSCALE  = 2.0"]
    comments = ["COMMENT hello", "HISTORY long", "", "CONTINUE  'x'", "HIERARCH ESO A = 1"]
    texts = [*structure, *comments, "EXTINCT = 0.3", "ZD      = 12.0", "FILTER  = 'r'"]
    own = [padded("XTENSION= 'IMAGE'"), padded("FILTER  = 'g'")]
    given = inherited(own, [padded(text) for text in texts])
    assert given == [padded("EXTINCT = 0.3"), padded("ZD      = 12.0")]
