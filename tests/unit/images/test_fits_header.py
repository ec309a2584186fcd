from __future__ import annotations

import os
import time

import numpy as np
import pytest

from iipastro.errors import Refused, TooLarge, Unreadable, Unservable
from iipastro.images.fits_header import read_headers, subject_of

ROOM = 10 << 20


@pytest.fixture
def read(tmp_path):
    """Return a function that reads the headers of these bytes."""

    def reader(content, room=ROOM):
        path = tmp_path / "file.fits"
        path.write_bytes(content)
        descriptor = os.open(path, os.O_RDONLY)
        try:
            return list(read_headers(descriptor, room))
        finally:
            os.close(descriptor)

    return reader


def test_hdus_follow_their_data(read, fits):
    first, second = np.zeros((3, 2000), dtype=np.int16), np.zeros((5, 7), dtype=np.float64)
    headers = read(
        fits.hdu(None) + fits.hdu(first, extension=True) + fits.hdu(second, extension=True)
    )
    assert [header.number for header in headers] == [0, 1, 2]
    # 2880 of the primary; its 12000 bytes of data fill 5 blocks
    assert [header.data for header in headers] == [2880, 5760, 5760 + 14400 + 2880]
    assert [header.axes() for header in headers] == [(), (2000, 3), (7, 5)]
    assert [header.bits() for header in headers] == [8, 16, -64]


def test_the_first_card_of_a_name_counts(read, fits):
    header = read(fits.header([("SIMPLE", True), ("BITPIX", 8), ("NAXIS", 0), ("BITPIX", 16)]))[0]
    assert header.bits() == 8


def test_random_groups_are_as_long_as_the_standard_says(read, fits):
    cards = [
        ("SIMPLE", True), ("BITPIX", 16), ("NAXIS", 3), ("NAXIS1", 0), ("NAXIS2", 3),
        ("NAXIS3", 5), ("GROUPS", True), ("PCOUNT", 4), ("GCOUNT", 7),
    ]  # fmt: skip
    assert read(fits.header(cards))[0].data_bytes == 2 * 7 * (4 + 15)


BAD = {
    "no FITS": (b"SIMPLE  =                    F".ljust(80) + b"END".ljust(80)).ljust(2880),
    "empty": b"",
    "bits": [("BITPIX", 12)],
    "no bits": [("BITPIX", None)],
    "text for bits": [("BITPIX", "16")],
    "axes": [("NAXIS", 1000)],
    "negative axes": [("NAXIS", -1)],
    "an axis missing": [("NAXIS1", None)],
    "a negative axis": [("NAXIS2", -4)],
    "an axis of 50 digits": [("NAXIS1", b"= " + b"9" * 50)],
    "an axis of 63 bits": [("NAXIS1", 2**63)],
    "a negative PCOUNT": [("PCOUNT", -1)],
    "a negative GCOUNT": [("GCOUNT", -1)],
}


@pytest.mark.parametrize("what", BAD)
def test_a_header_that_makes_no_sense_is_refused(read, fits, what):
    content = BAD[what]
    if isinstance(content, list):
        content = fits.hdu(np.zeros((2, 2), np.int16), content)
    with pytest.raises(Unservable):
        assert [header.data_bytes for header in read(content)] == []


def test_a_primary_header_without_end_is_cut_short(read, fits):
    with pytest.raises(Unreadable, match="cut short"):
        read(fits.hdu(None)[:160])


def test_a_cut_header_of_an_extension_hides_nothing_before_it(read, fits):
    content = fits.hdu(None) + fits.hdu(np.zeros((2, 2), np.int16), extension=True)
    assert len(read(content[:2960])) == 1


def test_bytes_after_the_last_hdu_are_passed_over(read, fits):
    assert len(read(fits.hdu(None) + b"\xff" * 9000)) == 1


def test_headers_together_may_take_so_much_and_no_more(read, fits):
    comments = [("COMMENT", b"  x")] * 1000
    assert len(read(fits.hdu(None, comments), 90000)) == 1
    with pytest.raises(TooLarge):
        read(fits.hdu(None, comments), 46080)
    with pytest.raises(TooLarge):
        read(fits.hdu(None, comments) + fits.hdu(np.zeros((1, 1), "i2"), comments, True), 100000)


def test_a_hundred_thousand_cards_take_a_moment(read, fits):
    content = fits.hdu(None, [("COMMENT", b"  x")] * 100000)
    start = time.perf_counter()
    assert len(read(content)[0].cards) == (100000 + 3) * 80
    assert time.perf_counter() - start < 2


def test_thousands_of_hdus_are_too_many(read, fits):
    with pytest.raises(TooLarge, match="1000 HDUs"):
        read(fits.hdu(None) + fits.hdu(np.zeros((0, 0), "i2"), extension=True) * 1001)


def test_the_subject_is_the_cards_without_end(read, fits):
    header = read(fits.hdu(np.zeros((2, 3), np.int16), [("OBJECT", "M 51")]))[0]
    assert subject_of(header, header, header.cards) == b"".join(
        fits.card(*card)
        for card in [
            ("SIMPLE", True), ("BITPIX", 16), ("NAXIS", 2), ("NAXIS1", 3), ("NAXIS2", 2),
            ("OBJECT", "M 51"),
        ]
    )  # fmt: skip


@pytest.mark.parametrize("inherit", [True, False])
def test_an_extension_inherits_the_cards_of_the_primary_if_it_says_so(read, fits, inherit):
    above = [("OBJECT", "M 51"), ("EXPTIME", 30), ("COMMENT", b"  ours")]
    own = [("INHERIT", inherit), ("EXPTIME", 10), ("COMMENT", b"  theirs")]
    primary, header = read(fits.hdu(None, above) + fits.hdu(np.zeros((2, 3), "i2"), own, True))
    subject = subject_of(header, primary, header.cards)
    assert subject.startswith(header.cards)
    assert subject[len(header.cards) :] == (fits.card("OBJECT", "M 51") if inherit else b"")


def test_a_filter_names_the_channel(read, fits):
    header = read(fits.hdu(np.zeros((2, 3), np.int16), [("FILTER", "g")]))[0]
    assert subject_of(header, header, header.cards).endswith(fits.card("CHAN0001", "g"))


def test_whatever_the_bytes_the_answer_is_headers_or_a_refusal(read, fits):
    rng = np.random.default_rng(7)
    good = fits.hdu(None) + fits.hdu(np.zeros((2, 3), "i2"), [("BSCALE", 1.5)], True)
    for _ in range(300):
        content = bytearray(good)
        for at in rng.integers(0, 700, rng.integers(1, 8)):
            content[at + 2880 * rng.integers(0, 2)] = rng.choice(list(b"0123456789-T 'E=.\0\xff"))
        try:
            assert sum(header.data_bytes >= 0 for header in read(bytes(content))) <= 2
        except Refused as error:
            assert str(error).isprintable()
