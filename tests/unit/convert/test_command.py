"""The subcommand `convert`."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
import tifffile
from astropy.io import fits
from astropy.visualization import ZScaleInterval

from iipastro import cli
from iipastro.convert import command
from iipastro.convert.options import HIGHS, LOWS
from iipastro.convert.source import ConvertError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder, with two images in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("g", "r"):
        pixels = np.random.default_rng(ord(name)).normal(100, 9, (40, 60)).astype(np.float32)
        header = fits.Header({"FILTER": name})
        fits.PrimaryHDU(pixels, header).writeto(tmp_path / f"{name}.fits")
    return tmp_path


def convert(*words) -> int:
    return cli.main(["convert", *words])


def test_files_become_channels(folder, capsys):
    assert convert("g.fits", "r.fits", "-o", "gr.ptif") == 0
    pixels = tifffile.imread(folder / "gr.ptif")
    for channel, name in enumerate("gr"):
        np.testing.assert_array_equal(pixels[::-1, :, channel], fits.getdata(f"{name}.fits"))
    assert capsys.readouterr().err.startswith("gr.ptif: 100 %, ")


def test_a_message_does_not_stand_behind_the_bar(folder, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    def stop(job, options, settings, progress):
        progress(1, 2)
        raise ConvertError("the disk is full")

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(command, "run", stop)
    assert convert("g.fits", "-o", "g.ptif") == 1
    bar, message, rest = sys.stderr.getvalue().split("\n")
    assert bar.startswith("\rg.ptif: [###")
    assert (message, rest) == ("iipastro: the disk is full", "")


def test_quiet_is_quiet(folder, capsys):
    assert convert("g.fits", "-o", "g.ptif", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_options_arrive(folder):
    words = ["--sample", "uint8", "--stretch", "linear", "--low", "manual:90,80"]
    words += ["--high", "manual:110", "--compression", "deflate:9", "--predictor", "horizontal"]
    words += ["--tile", "32", "--bigtiff", "always", "--channels", "G,R", "--threads", "1"]
    assert convert("g.fits", "r.fits", "-o", "gr.ptif", *words) == 0
    with tifffile.TiffFile(folder / "gr.ptif") as file:
        page = file.pages[0]
        assert (file.is_bigtiff, page.compression, page.predictor) == (True, 8, 2)
        assert (page.dtype, page.tile) == (np.uint8, (32, 32))
        assert "CHAN0002= 'R" in page.description
        expected = np.clip((fits.getdata("r.fits")[::-1] - 80.0) / 30, 0, 1) * 255
        np.testing.assert_allclose(page.asarray()[..., 1], expected, rtol=0, atol=0.51)


RULES = [("--low", name) for name in LOWS] + [("--high", name) for name in HIGHS]


@pytest.mark.parametrize(("option", "name"), RULES)
def test_every_rule_of_cuts_makes_a_file(folder, capsys, option, name):
    level = {"--low": ":90", "--high": ":120"}[option] if name == "manual" else ""
    assert convert("g.fits", "r.fits", "-o", "gr.ptif", option, name + level, "--quiet") == 0
    assert capsys.readouterr().err == ""
    with tifffile.TiffFile("gr.ptif") as file:
        lows, highs = (file.pages[0].tags[tag].value for tag in (340, 341))
    assert len(lows) == len(highs) == 2
    assert all(30 < low < high < 150 for low, high in zip(lows, highs, strict=True))


def test_zscale_of_both_cuts_is_that_of_astropy(folder):
    words = ["--low", "zscale", "--high", "zscale", "--quiet"]
    assert convert("g.fits", "r.fits", "-o", "gr.ptif", *words) == 0
    with tifffile.TiffFile("gr.ptif") as file:
        got = [file.pages[0].tags[tag].value for tag in (340, 341)]
    interval = ZScaleInterval(n_samples=10_000, contrast=0.25)
    wanted = [interval.get_limits(np.sort(fits.getdata(f"{n}.fits").ravel())) for n in "gr"]
    np.testing.assert_allclose(np.transpose(got), wanted, rtol=1e-5)


def test_replaced_pixels_do_not_count_in_the_cuts(folder):
    pixels = np.full((40, 60), 5, np.float32)
    pixels[:20] = np.nan
    fits.PrimaryHDU(pixels).writeto("n.fits")
    words = ["--blank-value", "-1000", "--low", "quantile:0.1", "--quiet"]
    assert convert("n.fits", "-o", "n.ptif", *words) == 0
    with tifffile.TiffFile("n.ptif") as file:
        assert file.pages[0].asarray().min() == -1000
        assert file.pages[0].tags[340].value > 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "needs INPUT"),
        (("g.fits",), "needs INPUT"),
        (("-o", "a.ptif"), "needs INPUT"),
        (("gone.fits", "-o", "a.ptif"), "gone.fits"),
        (("g.fits", "-o", "g.fits"), "would destroy the input"),
        (("g.fits", "-o", "no/where.ptif"), "no/where.ptif: No such file"),
        (("g.fits", "-o", "a.ptif", "--scheduler", "x"), "--scheduler is for --batch"),
        (("g.fits", "--batch", "list"), "takes no other inputs"),
        (("--batch", "gone"), "gone: No such file"),
        (("g.fits", "-o", "a.ptif", "--tile", "100"), "multiples of 16"),
    ],
)
def test_a_fault_is_one_line_and_leaves_nothing(folder, capsys, words, message):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert convert(*words) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("iipastro: ")
    assert message in line
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_list_reports_its_failures_at_the_end(folder, capsys):
    (folder / "list").write_text("g.fits -> g.ptif\ngone.fits -> x.ptif\nr.fits -> r.ptif\n")
    assert convert("--batch", "list", "--jobs", "2") == 1
    lines = capsys.readouterr().err.splitlines()
    assert sorted(line.rsplit("/", 1)[1] for line in lines[:3]) == [
        "g.ptif done",
        "r.ptif done",
        "x.ptif failed",
    ]
    assert "gone.fits" in lines[3]
    assert lines[4] == "iipastro: 1 of 3 failed"
    assert sorted(path.name for path in folder.glob("*.ptif*")) == ["g.ptif", "r.ptif"]


def test_a_list_without_failures_is_a_success(folder, capsys):
    (folder / "list").write_text("g.fits,r.fits,gr.ptif\n")
    assert convert("--batch", "list", "--quiet") == 0
    assert capsys.readouterr().err == ""
    assert tifffile.imread("gr.ptif").shape == (40, 60, 2)
