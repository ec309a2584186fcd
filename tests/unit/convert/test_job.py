"""One conversion, with a source of ten lines."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest
import tifffile

from iipastro.convert import job, room
from iipastro.convert.cuts import Rule
from iipastro.convert.encode import Packing
from iipastro.convert.job import Job, Settings, check_names, convert, read_ahead, read_strip
from iipastro.convert.progress import silent
from iipastro.convert.pyramid import Pyramid
from iipastro.convert.source import ConvertError, Options
from iipastro.convert.stretch import Stretch
from iipastro.geometry import Size

MANUAL = Rule("manual", (0.0,), "manual", (100.0,))


class Rows:
    """A source whose pixels are an array."""

    def __init__(self, pixels):
        self.pixels = pixels
        self.size = Size(pixels.shape[1], pixels.shape[0])
        self.channels = pixels.shape[2]
        self.labels = tuple("ugriz"[: self.channels])
        self.cards = (b"SIMPLE  =                    T".ljust(80),)
        self.name = "rows"
        self.asked = []

    def read(self, top, rows):
        self.asked.append((top, rows))
        return self.pixels[top : top + rows].copy()


@pytest.fixture
def source():
    return Rows(np.random.default_rng(5).uniform(-5, 105, (300, 600, 3)).astype(np.float32))


def test_a_source_becomes_a_pyramid(tmp_path, source):
    told = []
    settings = Settings(rule=MANUAL)
    convert(source, str(tmp_path / "a.ptif"), settings, lambda *done: told.append(done))
    with tifffile.TiffFile(tmp_path / "a.ptif") as file:
        assert [page.shape for page in file.pages] == [(300, 600, 3), (150, 300, 3), (75, 150, 3)]
        np.testing.assert_array_equal(file.pages[0].asarray(), source.pixels)
        assert file.pages[0].tags[340].value == (0, 0, 0)
        assert file.pages[0].tags[341].value == (100, 100, 100)
        assert "CHAN0003= 'z" not in file.pages[0].description
        assert "CHAN0003= 'r" in file.pages[0].description
    assert told == [(256 * 600, 300 * 600), (300 * 600, 300 * 600)]


@pytest.mark.parametrize("sample", ["uint8", "uint16"])
def test_a_stretch_is_burnt_in_after_the_means(tmp_path, source, sample):
    settings = Settings(sample, Stretch("linear"), MANUAL)
    convert(source, str(tmp_path / "a.ptif"), settings, silent)
    full = source.pixels.astype(np.float64)
    half = full.reshape(150, 2, 300, 2, 3).mean(axis=(1, 3))
    white = np.iinfo(sample).max
    with tifffile.TiffFile(tmp_path / "a.ptif") as file:
        for page, values in zip(file.pages[:2], (full, half), strict=True):
            expected = np.clip(values / 100, 0, 1) * white
            assert page.dtype == sample
            np.testing.assert_allclose(page.asarray(), expected, rtol=0, atol=0.51)


def test_the_settings_arrive(tmp_path, source):
    settings = Settings(
        rule=MANUAL, packing=Packing("zstd", "float"), tile=64, levels="stiff", bigtiff=True
    )
    convert(source, str(tmp_path / "a.ptif"), settings, silent)
    with tifffile.TiffFile(tmp_path / "a.ptif") as file:
        assert file.is_bigtiff
        assert len(file.pages) == 2
        assert file.pages[0].tile == (64, 64)
        assert file.pages[0].tags[259].value == 50000


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(tile=100), "multiples of 16"),
        (Settings(tile=0), "multiples of 16"),
        (Settings(tile=1040), "up to 1024"),
        (Settings(packing=Packing("none", "float")), "with a compression"),
        (Settings("uint16", Stretch("lupton")), "8 bits"),
    ],
)
def test_settings_that_fit_not_write_nothing(tmp_path, source, settings, message):
    with pytest.raises(ConvertError, match=message):
        convert(source, str(tmp_path / "a.ptif"), settings, silent)
    assert list(tmp_path.iterdir()) == []


def test_what_would_not_fit_in_memory_is_refused(tmp_path):
    deep, wide = Rows(np.zeros((1, 1, 5), np.float32)), Rows(np.zeros((1, 1 << 20, 17), np.float32))
    for source, tile, message in (
        (deep, 1024, "5 channels would pass 16 MiB"),
        (wide, 256, "rows: a row of all channels passes 64 MiB"),
    ):
        with pytest.raises(ConvertError, match=message):
            convert(source, str(tmp_path / "a.ptif"), Settings(tile=tile), silent)
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_fails_leaves_nothing(tmp_path, source):
    def failing(top, rows):
        if top:
            raise ConvertError("rows: cut short")
        return source.pixels[:rows].copy()

    (tmp_path / "a.ptif").write_bytes(b"old")
    source.read = failing
    with pytest.raises(ConvertError, match="cut short"):
        convert(source, str(tmp_path / "a.ptif"), Settings(rule=MANUAL), silent)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.ptif", b"old")]


# ---- names


@pytest.mark.parametrize(
    "output", ["a.fits", "./a.fits", "link.fits", "hard.fits", "b.fits", "to_part"]
)
def test_an_input_is_never_written_to(tmp_path, monkeypatch, output):
    monkeypatch.chdir(tmp_path)
    for name in ("a.fits", "b.fits.part"):
        (tmp_path / name).write_bytes(b"precious")
    os.symlink("a.fits", "link.fits")
    os.link("a.fits", "hard.fits")
    os.symlink("b.fits", "to_part")
    with pytest.raises(ConvertError, match="would destroy the input"):
        job.run(Job(("b.fits.part", "a.fits"), output), Options(), Settings(), silent)
    assert (tmp_path / "a.fits").read_bytes() == (tmp_path / "b.fits.part").read_bytes()


def test_a_flag_map_is_never_written_to(tmp_path):
    (tmp_path / "flags.fits").write_bytes(b"precious")
    flags = str(tmp_path / "flags.fits")
    with pytest.raises(ConvertError, match="would destroy the input"):
        job.run(Job(("a.fits",), flags), Options(flags=(flags,)), Settings(), silent)


@pytest.mark.parametrize(("asked", "used"), [("", "out"), ("fast", "fast")])
def test_temporary_files_are_made_beside_the_output(tmp_path, monkeypatch, asked, used):
    def opened(paths, options):
        raise ConvertError(f"in {os.path.relpath(options.scratch, tmp_path)}")

    monkeypatch.setattr(job, "open_source", opened)
    options = Options(scratch=asked and str(tmp_path / asked))
    with pytest.raises(ConvertError, match=f"in {used}$"):
        job.run(Job(("a.fits",), str(tmp_path / "out" / "a.ptif")), options, Settings(), silent)


def test_other_names_are_fine(tmp_path):
    (tmp_path / "a.fits").write_bytes(b"")
    check_names(str(tmp_path / "a.ptif"), [str(tmp_path / "a.fits"), "not there"])


# ---- reading


def test_wide_strips_are_read_some_rows_at_a_time(source, monkeypatch, tmp_path):
    monkeypatch.setattr(job, "READ", 600 * 3 * 4 * 100)
    monkeypatch.setattr(room, "IN_MEMORY", 0)
    strip = read_strip(source, 16, 256, str(tmp_path))
    np.testing.assert_array_equal(strip, source.pixels[16:272])
    assert source.asked == [(16, 100), (116, 100), (216, 56)]


@pytest.mark.parametrize(("limit", "ahead"), [(1, 1), (2 * 16 * 600 * 12, 2), (1 << 30, 3)])
def test_so_many_strips_are_read_ahead(source, monkeypatch, limit, ahead):
    monkeypatch.setattr(job, "AHEAD", limit)
    whole = Pyramid(source.size, ((0.0, 1.0),) * 3, lambda *_: b"", tile=16)
    with ThreadPoolExecutor(1) as pool, closing(read_ahead(source, whole, pool, 3)) as strips:
        np.testing.assert_array_equal(next(strips), source.pixels[:16])
        pool.submit(int).result()  # all that was begun is done
        assert len(source.asked) == ahead + 1
        rest = np.concatenate(list(strips))
    np.testing.assert_array_equal(rest, source.pixels[16:])
