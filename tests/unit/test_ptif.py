"""Pyramids in STIFF's layout."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from iipastro import ptif
from iipastro.geometry import Size
from iipastro.ptif import Pyramid, halve, level_sizes, write_pyramid

STIFF_TAGS = (  # of a STIFF 2.7.1 file, without DateTime, Artist, HostComputer and Copyright
    *(256, 257, 258, 259, 262, 270, 274, 277, 282, 283, 284, 296, 305, 322, 323, 324, 325),
    *(339, 340, 341),
)


def described(lvl: Size, halvings: int) -> str:
    return f"{lvl.width} {lvl.height} {halvings}"


@pytest.fixture
def pixels():
    return np.random.default_rng(1).normal(100, 20, (513, 700, 3)).astype(np.float32)


@pytest.fixture
def written(tmp_path, pixels):
    path = str(tmp_path / "image.ptif")
    pyramid = Pyramid(Size(700, 513), ((1.0, 2.5), (-3.0, 4.0), (5.0, 6.0)), described)
    write_pyramid(path, pyramid, (pixels[top : top + 256] for top in range(0, 513, 256)))
    return path


@pytest.mark.parametrize(
    ("full", "expected"),  # spec 5.7: while width or height is 256 or more, halved with floor
    [
        (Size(1024, 1024), [(1024, 1024), (512, 512), (256, 256)]),
        (Size(4095, 3001), [(4095, 3001), (2047, 1500), (1023, 750), (511, 375)]),
        (Size(511, 511), [(511, 511)]),
        (Size(100, 60), [(100, 60)]),
        (Size(1, 4096), [(1, 4096)]),
        (Size(512, 3), [(512, 3), (256, 1)]),
    ],
)
def test_levels_are_halved_with_floor_down_to_256(full, expected):
    assert level_sizes(full) == expected


def test_a_half_holds_means_of_four_and_drops_the_odd_row_and_column():
    pixels = np.arange(15, dtype=np.float32).reshape(3, 5, 1)
    assert halve(pixels)[..., 0].tolist() == [[3.0, 5.0]]  # (0+1+5+6)/4 and (2+3+7+8)/4


def test_every_level_reads_back(written, pixels):
    with tifffile.TiffFile(written) as file:
        first, second = (page.asarray() for page in file.pages)
    np.testing.assert_array_equal(first, pixels)
    whole = pixels[:512].astype(np.float64).reshape(256, 2, 350, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(second, whole, rtol=1e-6)


def test_the_tags_are_those_of_stiff(written):
    with tifffile.TiffFile(written) as file:
        for page in file.pages:
            assert tuple(tag.code for tag in page.tags) == STIFF_TAGS
        page, smaller = file.pages
        assert (page.tags[262].value, page.tags[259].value, page.tags[284].value) == (34892, 1, 1)
        assert page.tags[339].value == (3, 3, 3)
        assert page.tags[258].value == (32, 32, 32)
        assert page.tags[282].value == (72, 1)
        assert (page.tags[322].value, page.tags[323].value) == (256, 256)
        assert page.tags[340].value == (1.0, -3.0, 5.0)
        assert page.tags[341].value == (2.5, 4.0, 6.0)
        assert (page.description, smaller.description) == ("700 513 0", "350 256 1")


def test_a_large_image_is_a_bigtiff(tmp_path, pixels, monkeypatch):
    monkeypatch.setattr(ptif, "BIG", 700 * 513 * 12)
    path = str(tmp_path / "big.ptif")
    write_pyramid(path, Pyramid(Size(700, 513), ((0.0, 1.0),) * 3, described), iter([pixels[:256]]))
    with tifffile.TiffFile(path) as file:
        assert file.is_bigtiff
        np.testing.assert_array_equal(next(file.pages[0].segments())[0][0], pixels[:256, :256])


def test_a_write_that_fails_leaves_nothing_and_keeps_the_old_file(tmp_path):
    path = tmp_path / "image.ptif"
    path.write_bytes(b"old")

    def failing():
        yield np.zeros((256, 512, 1), np.float32)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_pyramid(str(path), Pyramid(Size(512, 512), ((0.0, 1.0),), described), failing())
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("image.ptif", b"old")]
