from __future__ import annotations

import os

import pytest

from iipastro.errors import Unreadable, Unservable
from iipastro.images import FORMATS, open_source
from iipastro.images.selection import Selection


@pytest.fixture
def open_bytes(tmp_path):
    def opener(content):
        (tmp_path / "file").write_bytes(content)
        return open_source(os.open(tmp_path / "file", os.O_RDONLY))

    return opener


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(50), "^JPEG 2000 images are not served; "),
        (b"\xff\x4f\xff\x51" + bytes(50), "^JPEG 2000 images are not served; "),
        (b"\xff\xd8\xff\xe0" + bytes(50), "^JPEG images are not served; "),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "^not an image that this server knows$"),
        (b"SIMPLE  =                    T", "^the FITS file is cut short$"),
        (b"\x1f\x8b\x08" + bytes(50), "^gzipped files are not served"),
        (b"I I" + bytes(50), "^not an image that this server knows$"),
        (b"", "^not an image that this server knows$"),
        (b"II*\0\x08\0\0\0\0", "^not an image that this server knows$"),
        (b"II*\0\x08\0\0\0\0\0\0\0\0\0", "^the TIFF image is not tiled$"),
    ],
)
def test_what_is_no_image_is_refused_and_closed(open_bytes, descriptors, content, message):
    before = descriptors()
    with pytest.raises((Unservable, Unreadable), match=message):
        open_bytes(content)
    assert descriptors() == before


def test_the_name_says_nothing_about_the_format(open_bytes, data):
    source = open_bytes((data / "odd_rgb8.ptif").read_bytes())
    assert source.info.full == (1237, 811)
    source.close()


def test_no_format_hides_another():
    magics = list(FORMATS)
    assert not [(a, b) for a in magics for b in magics if a != b and b.startswith(a)]


def test_a_file_that_cannot_be_read_is_closed(tmp_path, descriptors):
    before = descriptors()
    with pytest.raises(Unreadable):
        open_source(os.open(tmp_path, os.O_RDONLY))  # of a directory, no bytes
    assert descriptors() == before


def test_only_fits_files_have_parts_to_choose_from(data, descriptors):
    before = descriptors()
    with pytest.raises(Unservable, match="only FITS files"):
        open_source(os.open(data / "odd_r.ptif", os.O_RDONLY), Selection(hdu=0))
    assert descriptors() == before


def test_a_fits_file_is_known_by_its_first_card(write_fits, ramp):
    source = open_source(os.open(write_fits(ramp(3, 4)[..., 0], name="image.tif"), os.O_RDONLY))
    assert source.info.full == (4, 3)
    source.close()
