"""The mark is a small picture of 8 bits with alpha."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from iipastro.errors import Unservable
from iipastro.images import mark
from iipastro.images.mark import read_mark

PICTURE = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4) * 10


@pytest.mark.parametrize("name", ["mark.png", "mark.tif"])
def test_a_picture_with_alpha_is_read_as_it_is(tmp_path, name):
    Image.fromarray(PICTURE).save(tmp_path / name)
    read = read_mark(str(tmp_path / name))
    assert read.dtype == np.uint8
    assert (read == PICTURE).all()


@pytest.mark.parametrize("name", ["mark.png", "mark.tif"])
@pytest.mark.parametrize("mode", ["L", "RGB", "1", "P"])
def test_a_picture_without_alpha_is_opaque(tmp_path, name, mode):
    Image.new(mode, (3, 2), 1).save(tmp_path / name)
    read = read_mark(str(tmp_path / name))
    assert read.shape == (2, 3, 4)
    assert (read[..., 3] == 255).all()


def test_grey_with_alpha_is_read(tmp_path):
    Image.new("LA", (1, 1), (50, 60)).save(tmp_path / "mark.png")
    assert read_mark(str(tmp_path / "mark.png")).tolist() == [[[50, 50, 50, 60]]]


@pytest.mark.parametrize("mode", ["F", "I;16", "CMYK"])
def test_other_samples_are_refused(tmp_path, mode):
    Image.new(mode, (3, 2)).save(tmp_path / "mark.tif")
    with pytest.raises(Unservable, match="8 bits"):
        read_mark(str(tmp_path / "mark.tif"))


def test_other_formats_are_refused(tmp_path):
    Image.new("RGB", (3, 2)).save(tmp_path / "mark.png", format="BMP")
    with pytest.raises(Unservable, match="no PNG or TIFF"):
        read_mark(str(tmp_path / "mark.png"))


@pytest.mark.parametrize("name", ["mark.png", "mark.tif"])
def test_a_file_that_is_cut_short_is_refused(tmp_path, name):
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (40, 40, 4), np.uint8)).save(
        tmp_path / name
    )
    whole = (tmp_path / name).read_bytes()
    for length in (0, 7, 20, len(whole) // 2, len(whole) - 100):
        (tmp_path / name).write_bytes(whole[:length])
        with pytest.raises(Unservable):
            read_mark(str(tmp_path / name))


def test_a_mark_of_too_many_pixels_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(mark, "MOST_PIXELS", 5)
    Image.fromarray(PICTURE).save(tmp_path / "mark.png")
    with pytest.raises(Unservable, match="too many pixels"):
        read_mark(str(tmp_path / "mark.png"))


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_mark(str(tmp_path / "none.png"))
