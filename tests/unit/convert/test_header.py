from __future__ import annotations

import math

import numpy as np
import pytest
import tifffile
from astropy.io import fits
from astropy.wcs import WCS

from iipastro.convert.header import (
    Header,
    clean,
    describe,
    inherited,
    replaced,
    text_card,
    with_number,
)
from iipastro.convert.source import ConvertError
from iipastro.geometry import Size
from iipastro.images.fits_cards import value_of

FULL = Size(1237, 811)


def padded(text: str) -> bytes:
    return text.ljust(80).encode()


def test_what_is_not_ascii_is_replaced():
    dirty = padded("OBJECT  = 'caf")[:14] + b"\xe9\x07'"
    assert clean(dirty) == padded("OBJECT  = 'caf??'")
    assert clean(padded("A")) == padded("A")


def test_of_two_cards_of_a_name_the_first_counts():
    header = Header([padded("A       = 1"), padded("A       = 2")], "x.fits[0]")
    assert header.integer("A") == 1
    assert len(header.cards) == 2


@pytest.mark.parametrize("text", ["A       = 1.5", "A       = 'x'", "A       = T", "B       = 1"])
def test_an_integer_that_is_none_names_file_hdu_and_keyword(text):
    with pytest.raises(ConvertError, match=r"x\.fits\[3\]: A is "):
        Header([padded(text)], "x.fits[3]").integer("A")


@pytest.mark.parametrize(
    "text",
    ["A       = 1E400", "A       = 'x'", "A       = T", f"A       = {'9' * 60}E300", "B = 1"],
)
def test_a_number_that_is_none_names_file_hdu_and_keyword(text):
    with pytest.raises(ConvertError, match=r"x\.fits\[3\]: A is "):
        Header([padded(text)], "x.fits[3]").number("A")


def test_a_default_stands_for_an_absent_card_only():
    header = Header([padded("A       = 'x'")], "x.fits[0]")
    assert header.integer("B", 7) == 7
    assert header.number("B", 7.5) == 7.5
    with pytest.raises(ConvertError):
        header.number("A", 1.0)


def test_a_number_is_written_as_stiff_writes_it():
    card = padded("CRPIX1  =               600.25 / ref pix")
    assert with_number(card, 300.375) == padded("CRPIX1  =   3.003750000000E+02 / ref pix")
    assert with_number(card, 12) == padded("CRPIX1  =                   12 / ref pix")
    short = padded("CRPIX1  = 5 / ref")
    assert with_number(short, 12) == padded("CRPIX1  =                   12 / ref")
    assert with_number(padded("A       = 5"), 12) == padded("A       =                   12")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("= -0.000055555555555555555556 / deg", "=  -1.111111111111E-04 / deg"),
        ("= -0.000055555555555555555556/deg", "=  -1.111111111111E-04 /deg"),
        ("= -0.000055555555555555555556", "=  -1.111111111111E-04"),
        ("= 5/deg", "=  -1.111111111111E-04 /deg"),
        ("= -0.0000555555555555   / deg", "=  -1.111111111111E-04 / deg"),
    ],
)
def test_no_digit_of_a_longer_number_is_left(before, after):
    card = with_number(padded(f"CD1_1   {before}"), -1 / 9000)
    assert card == padded(f"CD1_1   {after}")
    assert value_of(card) == pytest.approx(-1 / 9000, rel=1e-12)


def test_a_text_card_is_cut_and_its_quotes_are_doubled():
    assert text_card("CHAN0001", "r") == padded("CHAN0001= 'r       '")
    assert text_card("A", "it's", "why") == padded("A       = 'it''s   '           / why")
    long = text_card("A", "'" * 80)
    assert len(long) == 80
    assert value_of(long) == "'" * 34


# ---- a level


def stiff_headers(path) -> list[bytes]:
    """Return the ImageDescriptions of a file of STIFF, largest level first."""
    with tifffile.TiffFile(path) as tiff:
        found = []
        for page in tiff.pages:
            tag = page.tags["ImageDescription"]
            tiff.filehandle.seek(tag.valueoffset)
            found.append(tiff.filehandle.read(tag.count).rstrip(b"\0"))
    return found


def cards_of(text: bytes) -> list[bytes]:
    return [text[at : at + 80] for at in range(0, len(text), 80)]


SCALE, TURN = 0.187 / 3600, math.radians(3)
MATRIX = {  # the numbers that STIFF was given: its own first level shows fewer digits
    "CD1_1": -SCALE * math.cos(TURN),
    "CD1_2": SCALE * math.sin(TURN),
    "CD2_1": SCALE * math.sin(TURN),
    "CD2_2": SCALE * math.cos(TURN),
}


@pytest.mark.parametrize("name", ["multi5_1k", "odd_r", "nan_1k", "odd_rgb8"])
def test_each_level_has_the_cards_that_stiff_writes(name, data):
    levels = stiff_headers(data / f"{name}.ptif")
    size = Size(1024, 1024) if "1k" in name else FULL
    cards = cards_of(levels[0])
    labels = [value_of(card) for card in cards if card.startswith(b"CHAN")]
    cards = [card for card in cards if not card.startswith(b"CHAN")]
    exact = [
        card[:10] + f"{MATRIX[key]!r:>40}".ljust(70).encode()
        if (key := card[:8].decode().rstrip()) in MATRIX
        else card
        for card in cards
    ]
    assert len(levels) == 3
    assert describe(cards, labels, size, 0) == levels[0]
    for halvings in (1, 2):
        mine = cards_of(describe(exact, labels, size, halvings))
        for card, stiff in zip(mine, cards_of(levels[halvings]), strict=True):
            assert card[:30] == stiff[:30]
            assert card[30:].strip() in (b"", stiff[30:].strip())


def test_the_full_size_keeps_every_card_to_the_byte():
    cards = [
        padded("NAXIS1  = 1237"),
        padded("NAXIS2  =                  811 / rows"),
        padded("CRPIX1  = 1.2345678901234567"),
        padded("LONGS   = 'xxx&'"),
        padded("CONTINUE  'yyy'"),
        padded("DATASEC = '[1:10,1:10]'"),
    ]
    assert describe(cards, (), FULL, 0) == b"".join(cards)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("NAXIS1  = 1237", "NAXIS1  =                  309"),
        ("CRPIX1  = 8.5", "CRPIX1  =   2.500000000000E+00"),
        ("CRPIX2A = 8.5", "CRPIX2A =   2.500000000000E+00"),
        ("LTM1_1  = 1.0", "LTM1_1  =   2.500000000000E-01"),
        ("CDELT2  = -1.5", "CDELT2  =  -6.000000000000E+00"),
        ("CD3_1   = 1", "CD3_1   =   4.000000000000E+00"),
        ("CD3_3   = 1", "CD3_3   = 1"),
        ("PC3_3   = 1", "PC3_3   = 1"),
        ("CROTA2  = 3.0", "CROTA2  = 3.0"),
        ("PV1_1   = 1.0", "PV1_1   = 1.0"),
        ("A_ORDER = 3", "A_ORDER = 3"),
        ("A_2_0   = 1.0", "A_2_0   =   4.000000000000E+00"),
        ("B_1_2   = 1.0", "B_1_2   =   1.600000000000E+01"),
        ("AP_0_1  = 0.5", "AP_0_1  =   5.000000000000E-01"),
        ("BP_0_0  = 1.0", "BP_0_0  =   2.500000000000E-01"),
        ("A_DMAX  = 4.0", "A_DMAX  =   1.000000000000E+00"),
        ("CRPIX1  = 'none'", "CRPIX1  = 'none'"),
        ("CRPIX1  = 1E999", "CRPIX1  = 1E999"),
        ("CCDSEC  = '[1:2,1:2]'", "CCDSEC  = '[1:2,1:2]'"),
    ],
)
def test_a_card_of_the_second_reduced_level(before, after):
    assert describe([padded(before)], (), FULL, 2) == padded(after)


@pytest.mark.parametrize(
    ("before", "appended"),
    [
        (["PC1_1   = 1", "PC2_2   = 1"], ["CDELT1", "CDELT2"]),
        (["PC1_1   = 1", "PC2_2   = 1", "CDELT2  = 'x'"], ["CDELT1"]),
        (["PC1_2   = 1"], ["CDELT1", "CDELT2"]),  # PC1_1 and PC2_2 are 1 where they are absent
        (["PC1_1A  = 1", "CDELT1  = 'x'", "CDELT2  = 'x'"], ["CDELT1A", "CDELT2A"]),
        (["PC3_3   = 1"], []),
        (["PC1_1   = 1", "CD1_1   = 'x'"], []),
        (["CRPIX1  = 'x'"], []),
    ],
)
def test_a_scale_of_one_that_the_header_leaves_out_is_that_of_the_level(before, appended):
    cards = [padded(text) for text in before]
    assert describe(cards, (), FULL, 0) == b"".join(cards)
    scales = [padded(f"{key:<8}=   4.000000000000E+00") for key in appended]
    assert describe(cards, (), FULL, 2) == b"".join(cards + scales)


@pytest.mark.parametrize(
    ("before", "appended"),
    [
        (["LTV1    = 'x'"], ["LTM1_1"]),
        (["LTV1    = 'x'", "LTV2    = 'x'", "LTM1_1  = 'x'"], ["LTM2_2"]),
        (["LTM1_1  = 'x'"], []),
    ],
)
def test_physical_pixels_of_a_shift_alone_keep_their_scale(before, appended):
    cards = [padded(text) for text in before]
    scales = [padded(f"{key:<8}=   2.500000000000E-01") for key in appended]
    assert describe(cards, (), FULL, 2) == b"".join(cards + scales)


def test_the_origin_of_physical_pixels_is_that_of_the_level():
    text = describe([padded("LTV1    = 8.5"), padded("LTM1_1  = 1.0")], (), FULL, 2)
    assert cards_of(text) == [
        padded("LTV1    =   2.500000000000E+00"),
        padded("LTM1_1  =   2.500000000000E-01"),
    ]


def test_a_level_of_a_header_without_cdelt_lies_where_the_image_does():
    text = {"CTYPE1": "'RA---TAN'", "CTYPE2": "'DEC--TAN'", "CRVAL1": 10, "CRVAL2": 20}
    text |= {"CRPIX1": 600.25, "CRPIX2": 400.75, "PC1_1": -5e-5, "PC2_2": 5e-5, "PC1_2": 1e-6}
    cards = [padded(f"{key:<8}= {value!s:>20}".upper()) for key, value in text.items()]
    full, reduced = (
        WCS(fits.Header.fromstring(describe(cards, (), FULL, halvings).decode()))
        for halvings in (0, 2)
    )
    x, y = np.array([0.5, 1200.5]), np.array([0.5, 800.5])  # edges of pixels of both
    wanted = full.all_pix2world(x, y, 1)
    got = reduced.all_pix2world((x - 0.5) / 4 + 0.5, (y - 0.5) / 4 + 0.5, 1)
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-10)


@pytest.mark.parametrize("key", ["DATASEC", "TRIMSEC", "CHECKSUM", "DATASUM", "CPDIS1", "D2IMDIS2"])
def test_what_is_wrong_at_another_size_is_left_out_there(key):
    card = text_card(key, "x")
    assert describe([card], (), FULL, 0) == card
    assert describe([card], (), FULL, 1) == b""


def test_a_sip_polynomial_of_a_level_bends_as_much():
    a_2_0, step, u = 3e-5, 4, 100.0  # pixels of the full size from CRPIX
    card = describe([padded(f"A_2_0   = {a_2_0}")], (), FULL, 2)
    reduced = value_of(card)
    assert (u / step) + reduced * (u / step) ** 2 == pytest.approx((u + a_2_0 * u**2) / step)


def test_channels_have_their_cards_at_the_end():
    text = describe([padded("A       = 1")], ("u", "it's"), FULL, 1)
    assert cards_of(text)[1:] == [
        padded("CHAN0001= 'u       '           / Channel tagname"),
        padded("CHAN0002= 'it''s   '           / Channel tagname"),
    ]


@pytest.mark.parametrize("halvings", [0, 1])
def test_names_of_channels_in_the_input_give_way_to_ours(halvings):
    cards = [
        padded("CHAN0001= 'old'"),
        padded("CHAN0003= 'older'"),
        padded("CHANNEL = 5"),
        padded("CHAN001 = 6"),
    ]
    text = describe(cards, ("r",), FULL, halvings)
    ours = padded("CHAN0001= 'r       '           / Channel tagname")
    assert cards_of(text) == [*cards[2:], ours]
    assert describe(cards, (), FULL, halvings) == b"".join(cards)


def test_a_hundred_thousand_cards_are_described():
    cards = [padded("COMMENT x")] * 100_000
    assert len(describe(cards, (), FULL, 1)) == 8_000_000


# ---- other changes


def test_only_the_cards_that_are_there_are_replaced():
    cards = (padded("A       = 1"), padded("B       = 2"))
    assert replaced(cards, {"B": 3, "C": 4}) == (cards[0], padded("B       =                    3"))


def test_an_extension_inherits_what_it_does_not_say_itself():
    primary = [padded(text) for text in ("SIMPLE  = T", "BITPIX  = 8", "OBJECT  = 'M1'", "A = 0")]
    primary += [padded("FILTER  = 'r'"), padded("COMMENT hello")]
    own = [padded("XTENSION= 'IMAGE'"), padded("INHERIT = T"), padded("FILTER  = 'g'")]
    cards = inherited(Header(own, "x[1]"), Header(primary, "x[0]"))
    assert cards == (*own, padded("OBJECT  = 'M1'"), padded("A = 0"))
    own[1] = padded("INHERIT = F")
    assert inherited(Header(own, "x[1]"), Header(primary, "x[0]")) == tuple(own)
