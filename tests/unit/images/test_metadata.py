from __future__ import annotations

import pytest

from iipastro.images.metadata import color_of, values_of, without_card


def test_texts_are_raw_up_to_the_first_nul_and_empty_ones_are_left_out(write_tiff, open_tiff, ramp):
    texts = {
        270: ("s", b"100% \xff\xe9 <b>\r\n\0after"),
        305: ("s", b"STIFF version 2.7.1\n\0"),
        306: ("s", b"2026:11:22 06:25:58\0"),
        315: ("s", b"\0"),
        33432: ("s", b"no NUL"),
    }
    metadata = open_tiff(write_tiff([ramp(16, 16)], texts)).info.metadata
    assert list(metadata.items()) == [
        ("copyright", b"no NUL"),
        ("subject", b"100% \xff\xe9 <b>\r\n"),
        ("create-dtm", b"2026:11:22 06:25:58"),
        ("app-name", b"STIFF version 2.7.1\n"),
    ]


def test_an_image_of_stiff_has_the_texts_of_the_reference_answer(data, open_tiff):
    metadata = open_tiff(data / "odd_r.ptif").info.metadata
    lines = [f"{name}/{len(text)}:".encode() + text for name, text in metadata.items()]
    golden = data.parent / "golden" / "expected" / "obj-summary.body"
    assert b"\r\n" + b"".join(line + b"\r\n" for line in lines) == golden.read_bytes()


@pytest.mark.parametrize(
    ("photometric", "color"),
    [(0, "rgb"), (1, "grey"), (2, "rgb"), (3, "rgb"), (6, "rgb"), (8, "lab"), (34892, "rgb")],
)
def test_the_colour_is_what_the_photometric_interpretation_says(photometric, color):
    assert color_of(photometric) == color


def test_profiles_are_kept_as_they_are(write_tiff, open_tiff, ramp):
    tags = {34675: ("u", b"icc\0profile"), 700: ("B", list(b"<xmp/>"))}
    info = open_tiff(write_tiff([ramp(16, 16)], tags)).info
    assert info.icc == b"icc\0profile"
    assert info.xmp == b"<xmp/>"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({282: ("II", [254, 1]), 283: ("II", [127, 1]), 296: ("H", [2])}, (10_000, 5_000)),
        ({282: ("II", [50, 1]), 283: ("II", [25, 1]), 296: ("H", [3])}, (5_000, 2_500)),
        ({282: ("II", [254, 1]), 283: ("II", [127, 1])}, (10_000, 5_000)),
        ({282: ("II", [254, 1]), 283: ("II", [127, 1]), 296: ("H", [1])}, None),
        ({282: ("II", [254, 0]), 283: ("II", [127, 1]), 296: ("H", [2])}, None),
        ({282: ("II", [0, 1]), 283: ("II", [127, 1]), 296: ("H", [2])}, None),
        ({282: ("II", [254, 1]), 296: ("H", [2])}, None),
        ({}, None),
    ],
)
def test_the_resolution_is_in_dots_per_metre(write_tiff, open_tiff, ramp, tags, expected):
    given = open_tiff(write_tiff([ramp(16, 16)], tags)).info.dots_per_metre
    assert given == (expected if expected is None else pytest.approx(expected))


def card(text):
    return text.ljust(80).encode()


def test_a_card_is_cut_out_of_a_header():
    header = (
        card("SIMPLE  = T") + card("LATPOLE = 90.0") + card("LATPOLEX= 1") + card("A = 'LATPOLE ='")
    )
    assert without_card(header, "LATPOLE") == card("SIMPLE  = T") + card("LATPOLEX= 1") + card(
        "A = 'LATPOLE ='"
    )


@pytest.mark.parametrize("text", [b"", b"an image", b"x" * 81, card("CRVAL1  = 1") + b"LAT"])
def test_text_without_the_card_stays_as_it_is(text):
    assert without_card(text, "LATPOLE") == text


def test_the_header_of_an_extension_has_values_too():
    cards = ("XTENSION= 'IMAGE   '", "GAIN    = 2")
    header = "".join(card.ljust(80) for card in cards).encode()
    assert values_of(header) == {"XTENSION": "IMAGE", "GAIN": 2}


def test_the_values_of_a_header_go_by_keyword():
    cards = (
        "SIMPLE  =                    T / conforms to FITS standard",
        "BITPIX  =                  -32",
        "CRVAL1  =   1.8750000000000D+02 / degrees",
        "OBJECT  = 'M 51''s  '",
        "COMMENT = 'a text'",
        "HISTORY   FLUX    =    3",
        "EXPTIME =                10.0",
        "EXPTIME =                20.0",
        "BLANKED =",
    )
    header = "".join(card.ljust(80) for card in cards).encode()
    assert values_of(header) == {
        "SIMPLE": True, "BITPIX": -32, "CRVAL1": 187.5, "OBJECT": "M 51's", "EXPTIME": 20.0,
        "COMMENT": "a text",
    }  # fmt: skip


@pytest.mark.parametrize("text", [b"", b"A galaxy, seen = 3", b"FLUX    = 3"])
def test_a_text_that_is_no_header_has_no_values(text):
    assert values_of(text) == {}
