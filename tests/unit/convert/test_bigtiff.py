"""Directories, word by word (TIFF 6.0 p. 13; BigTIFF: the same with words of 8 bytes)."""

from __future__ import annotations

import io
import struct

import pytest
import tifffile

from iipastro.convert import bigtiff
from iipastro.convert.bigtiff import BIGTIFF, CLASSIC, FLOAT, LONG, LONG8, RATIONAL, SHORT, Tag


def test_a_classic_directory_is_what_tiff_says():
    file = io.BytesIO()
    bigtiff.write_head(file, CLASSIC)
    tags = [Tag(282, RATIONAL, (72, 1)), Tag(256, SHORT, (7,))]
    bigtiff.write_directories(file, CLASSIC, [tags])
    entries = struct.pack("<HHII", 256, 3, 1, 7) + struct.pack("<HHII", 282, 5, 1, 8)
    expected = b"II*\0" + struct.pack("<I", 16) + struct.pack("<II", 72, 1)
    assert file.getvalue() == expected + struct.pack("<H", 2) + entries + bytes(4)


def test_a_bigtiff_directory_is_what_bigtiff_says():
    file = io.BytesIO()
    bigtiff.write_head(file, BIGTIFF)
    bigtiff.write_directories(file, BIGTIFF, [[Tag(340, FLOAT, (1.0, 2.0))]])
    entry = struct.pack("<HHQff", 340, 11, 2, 1.0, 2.0)
    head = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16)
    assert file.getvalue() == head + struct.pack("<Q", 1) + entry + bytes(8)


def test_directories_are_linked_in_order_and_begin_at_even_offsets():
    file = io.BytesIO()
    bigtiff.write_head(file, CLASSIC)
    file.write(b"odd")
    levels = [[Tag(256, SHORT, (n,)), Tag(270, bigtiff.ASCII, b"12345\0")] for n in (1, 2, 3)]
    bigtiff.write_directories(file, CLASSIC, levels)
    link, seen = struct.unpack_from("<I", file.getvalue(), 4)[0], []
    while link:
        assert link % 2 == 0
        seen.append(struct.unpack_from("<I", file.getvalue(), link + 2 + 8)[0])
        (link,) = struct.unpack_from("<I", file.getvalue(), link + 2 + 24)
    assert seen == [1, 2, 3]


@pytest.mark.parametrize(
    ("pixels", "kind"), [(1, SHORT), (65535, SHORT), (65536, LONG), (2**31 - 1, LONG)]
)
def test_a_side_is_short_where_it_fits(pixels, kind):
    assert bigtiff.side(256, pixels) == Tag(256, kind, (pixels,))


def test_a_text_ends_in_its_only_nul():
    assert bigtiff.text(b"a\0b") == b"a b\0"


@pytest.mark.parametrize("offset", [2**32 - 1, 2**32])
def test_only_a_bigtiff_holds_four_gib(offset):
    file = io.BytesIO()
    if offset < 2**32:
        bigtiff.write_directories(file, CLASSIC, [[Tag(324, LONG, (offset,))]])
    else:
        with pytest.raises(OverflowError, match="4 GiB"):
            bigtiff.write_directories(file, CLASSIC, [[Tag(324, LONG, (offset,))]])
    bigtiff.write_directories(io.BytesIO(), BIGTIFF, [[Tag(324, LONG8, (offset,))]])


def test_a_directory_of_a_classic_tiff_may_not_lie_beyond_four_gib():
    class Far(io.BytesIO):
        def tell(self):
            return 2**32

    with pytest.raises(OverflowError, match="4 GiB"):
        bigtiff.write_directories(Far(), CLASSIC, [[Tag(256, SHORT, (1,))]])


def test_tifffile_reads_the_tags(tmp_path):
    path = tmp_path / "tags.tif"
    with path.open("w+b") as file:
        bigtiff.write_head(file, BIGTIFF)
        tags = [Tag(n, SHORT, (1,)) for n in (256, 257, 258, 259, 262, 277, 322, 323)]
        tags += [Tag(324, LONG8, (5, 2**40)), Tag(325, LONG, (1, 2)), Tag(341, FLOAT, (0.5, -1))]
        bigtiff.write_directories(file, BIGTIFF, [tags])
    with tifffile.TiffFile(path) as file:
        found = file.pages[0].tags
        assert (found[324].value, found[341].value) == ((5, 2**40), (0.5, -1.0))
