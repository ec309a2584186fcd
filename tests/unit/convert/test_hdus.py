from __future__ import annotations

import pytest

from iipastro.convert.files import open_file
from iipastro.convert.hdus import Shape, find_hdus, find_images, shape_of, walk
from iipastro.convert.source import ConvertError
from iipastro.geometry import Size


@pytest.fixture(name="hdus")
def _hdus(write_fits):
    def read(*hdus):
        file = open_file(write_fits("a.fits", *hdus), "")
        try:
            return list(walk(file))
        finally:
            file.close()

    return read


@pytest.fixture(name="opened")
def _opened(write_fits, fits_cards):
    """Return a file of four HDUs: no data, SCI of 3 x 2, a table, SCI of 4 x 2."""
    table = fits_cards(8, 10, 1, extension=True, EXTNAME="CAT")
    table[0] = b"XTENSION= 'BINTABLE'".ljust(80)
    file = open_file(
        write_fits(
            "mef.fits",
            (fits_cards(8), b""),
            (fits_cards(8, 3, 2, extension=True, EXTNAME="sci"), bytes(6)),
            (table, bytes(10)),
            (fits_cards(-64, 4, 2, extension=True, EXTNAME="DQ"), bytes(64)),
        ),
        "",
    )
    yield file
    file.close()


def test_a_walk_finds_headers_and_data(opened):
    found = list(walk(opened))
    assert [hdu.number for hdu in found] == [0, 1, 2, 3]
    assert [hdu.start for hdu in found] == [2880, 2 * 2880, 4 * 2880, 6 * 2880]
    assert [hdu.length for hdu in found] == [0, 6, 10, 64]
    assert [hdu.is_image for hdu in found] == [False, True, False, True]
    assert found[3].name.endswith("mef.fits[3]")


def test_the_first_image_is_taken_unless_one_is_named(opened):
    assert [hdu.number for hdu in find_hdus(opened, ())] == [1]
    assert [hdu.number for hdu in find_hdus(opened, ("dq", "1"))] == [3, 1]
    assert [hdu.number for hdu in find_hdus(opened, ("SCI",))] == [1]
    assert [hdu.number for hdu in find_images(opened, ())] == [1, 3]


def test_an_hdu_that_is_not_there_is_told(opened):
    with pytest.raises(ConvertError, match=r"mef\.fits: no HDU ERR"):
        find_hdus(opened, ("SCI", "ERR"))
    with pytest.raises(ConvertError, match="no HDU 4"):
        find_hdus(opened, ("4",))


def test_a_table_is_no_image(opened):
    (table,) = find_hdus(opened, ("CAT",))
    with pytest.raises(ConvertError, match=r"mef\.fits\[2\]: not an image with two axes"):
        shape_of(table)


def test_a_file_without_an_image_is_told(write_fits, fits_cards):
    file = open_file(write_fits("none.fits", (fits_cards(8, 5), bytes(5))), "")
    with pytest.raises(ConvertError, match=r"none\.fits: no HDU holds an image"):
        find_hdus(file, ())
    with pytest.raises(ConvertError, match=r"none\.fits: no HDU holds an image"):
        find_images(file, ())
    file.close()


@pytest.mark.parametrize(
    ("axes", "shape"),
    [
        ((7, 5), (Size(7, 5), 1)),
        ((7, 5, 1, 1), (Size(7, 5), 1)),
        ((7, 5, 3), (Size(7, 5), 3)),
        ((7, 5, 3, 1, 2), (Size(7, 5), 6)),
        ((1, 5), (Size(1, 5), 1)),
        ((1, 1), (Size(1, 1), 1)),
    ],
)
def test_all_axes_but_two_are_planes(hdus, fits_cards, axes, shape):
    (hdu,) = hdus((fits_cards(16, *axes), bytes(10_000)))
    assert shape_of(hdu) == Shape(*shape, 16)


@pytest.mark.parametrize("axes", [(7,), (7, 0), (0, 7, 3), ()])
def test_what_has_no_area_is_no_image(hdus, fits_cards, axes):
    (hdu,) = hdus((fits_cards(16, *axes), b""))
    assert not hdu.is_image


def test_random_groups_are_no_image_but_have_their_length(hdus, fits_cards):
    cards = fits_cards(-32, 0, 3, 4, GROUPS=True, PCOUNT=2, GCOUNT=5)
    (hdu,) = hdus((cards, b""))
    assert hdu.length == 4 * 5 * (2 + 3 * 4)
    assert not hdu.is_image


def test_what_follows_the_last_hdu_is_passed_over(hdus, fits_cards, tmp_path):
    assert len(hdus((fits_cards(8, 2, 2), bytes(4)))) == 1
    path = tmp_path / "a.fits"
    path.write_bytes(path.read_bytes() + b"garbage" * 1000)
    file = open_file(str(path), "")
    assert len(list(walk(file))) == 1
    file.close()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"BITPIX": "BITPIX  = 12"}, "BITPIX is 12; FITS knows 8 16 32 64 -32 -64"),
        ({"BITPIX": "BITPIX  = 'x'"}, "BITPIX is"),
        ({"BITPIX": "BITPIX_ = 8"}, "BITPIX is absent"),
        ({"NAXIS": "NAXIS   = -1"}, "NAXIS is -1"),
        ({"NAXIS": "NAXIS   = 1000"}, "NAXIS is 1000"),
        ({"NAXIS": "NAXIS   = 3"}, "NAXIS3 is absent"),
        ({"NAXIS1": "NAXIS1  = -4"}, "NAXIS1 is -4"),
        ({"NAXIS1": f"NAXIS1  = {2**63}"}, f"NAXIS1 is {2**63}"),
        ({"NAXIS1": f"NAXIS1  = {'9' * 60}"}, "NAXIS1 is 999"),
        ({"NAXIS1": "NAXIS1  = 2.5"}, "NAXIS1 is '2.5', not an integer"),
        ({"END": "PCOUNT  = -5"}, "PCOUNT is -5, GCOUNT is 1"),
        ({"END": "GCOUNT  = -1"}, "PCOUNT is 0, GCOUNT is -1"),
    ],
)
def test_a_header_of_nonsense_is_refused_with_its_place(hdus, fits_cards, change, message):
    cards = {card[:8].decode().rstrip(): card for card in fits_cards(16, 4, 4)}
    cards |= {key: text.ljust(80).encode() for key, text in change.items()}
    with pytest.raises(ConvertError, match=r"a\.fits\[0\]: ") as caught:
        hdus((list(cards.values()), bytes(32)))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ((2**20 + 1, 1), "1048577 x 1 pixels; a side has 1048576 at most"),
        ((2**40, 3), "a side has"),
        ((1, 1, 65536), "65536 planes; TIFF has 65535 channels at most"),
        ((2, 2, 2**30, 2**20), "planes"),
    ],
)
def test_an_image_that_is_too_large_is_refused(hdus, fits_cards, axes, message):
    hdu = hdus((fits_cards(8, *axes), b""))[0]
    with pytest.raises(ConvertError, match=message):
        shape_of(hdu)


def test_axes_whose_product_overflows_are_refused(hdus, fits_cards):
    with pytest.raises(ConvertError, match=r"a\.fits\[0\]: its axes .* ask for 42535295865117"):
        hdus((fits_cards(16, 2**62, 2**62), b""))
    with pytest.raises(ConvertError, match="ask for"):
        hdus((fits_cards(8, *[2**62] * 90), b""))


@pytest.mark.parametrize(
    "data", [b"", b"SIMPLE", b"II*\0" * 1000, b"SIMPLE  =                    T".ljust(2000)]
)
def test_what_is_not_fits_is_told(tmp_path, data):
    path = tmp_path / "a.fits"
    path.write_bytes(data)
    file = open_file(str(path), "")
    with pytest.raises(ConvertError, match=r"a\.fits(: not a FITS file|\[0\]: truncated)"):
        list(walk(file))
    file.close()


def test_a_header_without_end_is_read_for_ten_megabytes_only(tmp_path):
    path = tmp_path / "a.fits"
    path.write_bytes(b"SIMPLE  =                    T".ljust(80) + b" " * 11_000_000)
    file = open_file(str(path), "")
    with pytest.raises(ConvertError, match=r"a\.fits\[0\]: the header has no END in its first"):
        list(walk(file))
    file.close()


def test_a_hundred_thousand_cards_and_a_chain_of_continue_are_read(hdus, fits_cards):
    cards = [*fits_cards(8, 2, 2), b"LONGS   = 'x&'".ljust(80)]
    cards += [b"CONTINUE  'x&'".ljust(80)] * 50_000 + [b"COMMENT x".ljust(80)] * 50_000
    (hdu,) = hdus((cards, bytes(4)))
    assert hdu.header.cards == tuple(cards)
    assert hdu.header.text("LONGS") == "x&"


def test_hdus_without_end_are_refused(hdus, fits_cards):
    many = [(fits_cards(8, extension=True), b"")] * 10_000
    with pytest.raises(ConvertError, match="more than 10000 HDUs"):
        hdus((fits_cards(8), b""), *many)
