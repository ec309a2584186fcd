"""The whole way: an input, a command line, a collection."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import Table

from iipastro import cli
from iipastro.vector import command
from iipastro.vector.draft import InputError
from iipastro.whole_file import whole_file

CSV = "name,ra,dec,mag\nM 51,202.4696,47.1952,8.4\nM 101,14:03:12.6,+54:20:57,7.9\n"
REGIONS = """# Region file format: DS9 version 4.1
global color=green
fk5
circle(0:00:00.1,+45:00:00,10") # color=red text={<b>bold</b>}
ellipse(10,20,10",5",30)
box(359.9999,20,10",5",30)
polygon(10,20,10.1,20,10.1,20.1)
line(359.9,20,0.1,20.1)
point(10,20)
annulus(10,20,5",10")
ellipse(10,20,2",1",10",5",30)
box(10,20,2",1",10",5",30)
# text(10,20) text={hello}
galactic;circle(10,89.99,1')
ecliptic;point(10,20)
icrs;circle(10,-90,1')
"""


def coordinates(made):
    return [one["geometry"]["coordinates"] for one in made["features"]]


def test_a_catalogue_becomes_a_collection(regions):
    code, made, told = regions(CSV)
    assert (code, told) == (0, [])
    assert made["iipastro"] == {"frame": "icrs", "units": "deg", "source": "input.csv"}
    m101 = SkyCoord("14h03m12.6s", "+54d20m57s")
    np.testing.assert_allclose(coordinates(made)[1], [m101.ra.deg, m101.dec.deg], atol=1e-9)
    assert made["features"][0]["properties"] == {
        "name": "M 51", "ra": 202.4696, "dec": 47.1952, "mag": 8.4,
        "label": "M 51", "description": "M 51",
    }  # fmt: skip


def test_every_region_of_ds9_becomes_a_feature(regions):
    code, made, told = regions(REGIONS, name="x.reg")
    assert (code, told) == (0, [])
    assert [one["geometry"]["type"] for one in made["features"]] == [
        "Polygon", "Polygon", "Polygon", "Polygon", "LineString", "Point", "Polygon", "Polygon",
        "Polygon", "Point", "Polygon", "Point", "Polygon",
    ]  # fmt: skip
    first = made["features"][0]["properties"]
    assert (first["label"], first["color"]) == ("<b>bold</b>", "red")
    assert first["description"] == "&lt;b&gt;bold&lt;/b&gt;"
    assert [len(rings) for rings in coordinates(made)[6:9]] == [2, 2, 2]
    lngs = [lng for lng, _ in coordinates(made)[0][0]]
    assert max(lngs) - min(lngs) < 0.01
    assert coordinates(made)[4][1][0] > 360


def test_the_other_frame_can_be_written(regions):
    _, made, _ = regions("glon,glat\n0,0\n")
    centre = SkyCoord(0, 0, unit="deg", frame="galactic").icrs
    np.testing.assert_allclose(coordinates(made), [[centre.ra.deg, centre.dec.deg]], atol=1e-9)
    _, made, _ = regions("glon,glat\n0,0\n", "--sky-frame", "galactic")
    assert (made["iipastro"]["frame"], coordinates(made)) == ("galactic", [[0, 0]])


def test_from_the_sky_to_pixels_and_back(regions, data):
    image = str(data / "multi5_1k.ptif")
    rng = np.random.default_rng(1)
    rows = [f"{n},{x!r},{y!r}" for n, (x, y) in enumerate(rng.uniform(1, 1024, (50, 2)).tolist())]
    text = "\n".join(["id,x,y", *rows])
    _, sky, _ = regions(text, "--wcs", image, "--to", "sky")
    assert sky["iipastro"]["frame"] == "icrs"
    there = [(one["id"], *one["geometry"]["coordinates"]) for one in sky["features"]]
    back = "\n".join(["id,ra,dec", *(f"{n},{lng!r},{lat!r}" for n, lng, lat in there)])
    code, pixels, _ = regions(back, "--wcs", image, "--to", "pixel")
    assert (code, pixels["iipastro"]["frame"]) == (0, "pixel")
    expected = [[float(cell) for cell in row.split(",")[1:]] for row in rows]
    np.testing.assert_allclose(coordinates(pixels), expected, atol=1e-4)


def test_shapes_keep_their_sizes_in_pixels(regions, data):
    """The pixels of multi5_1k.ptif measure 5.19446e-5 degrees: the norm of its CD columns."""
    image = str(data / "multi5_1k.ptif")
    text = 'icrs\ncircle(150.11632213,2.20973371,3")\nellipse(150.11632213,2.20973371,3",1.5",0)\n'
    _, made, _ = regions(text, "--wcs", image, "--to", "pixel", name="x.reg")
    circle, ellipse = (one["properties"]["shape"] for one in made["features"])
    scale = np.hypot(5.187325638864e-05, 2.718562171508e-06)
    assert circle["center"] == pytest.approx([512.5, 512.5], abs=1e-5)
    assert circle["radius"] == pytest.approx(3 / 3600 / scale, rel=1e-5)
    assert ellipse["semi_axes"] == pytest.approx([3 / 3600 / scale, 1.5 / 3600 / scale], rel=1e-5)
    # ds9's angle 0 on the sky is the west, and CD (x, y) = (-1, 0) has x, y = CD2_2, -CD2_1
    west = np.degrees(np.arctan2(-2.718562171508e-06, 5.187325638864e-05))
    assert (ellipse["angle"] - west + 90) % 180 == pytest.approx(90, abs=1e-3)


def test_pixel_columns_are_taken_for_pixels(regions):
    text = "X_IMAGE Y_IMAGE ALPHA_J2000 DELTA_J2000\n1 2 3 4\n"
    assert coordinates(regions(text)[1]) == [[3, 4]]
    assert coordinates(regions(text, "--to", "pixel")[1]) == [[1, 2]]


@pytest.mark.parametrize(
    ("form", "name"), [("fits", "t.fits"), ("votable", "t.vot"), ("votable", "t.xml")]
)
def test_fits_and_votable_become_what_csv_becomes(regions, tmp_path, form, name):
    table = Table({"name": ["a", "b"], "RAJ2000": [10.5, 20.0], "DEJ2000": [1.0, -2.0]})
    table.write(tmp_path / name, format=form)
    code, made, told = regions(None, name=name)
    assert (code, told) == (0, [])
    assert coordinates(made) == [[10.5, 1], [20, -2]]
    assert made["features"][1]["properties"]["label"] == "b"


# ---- what is bad


def test_bad_rows_end_the_run_and_nothing_is_written(regions):
    code, made, told = regions(f"{CSV}x,y,1,2\nz,1,nan,\n")
    assert (code, made) == (1, None)
    assert told == ["input.csv, line 4: 'y' is no angle", "input.csv, line 5: no coordinates"]


def test_bad_rows_are_left_out_on_request(regions):
    code, made, told = regions(f"{CSV}x,y,1,2\n", "--skip-bad")
    assert (code, len(made["features"]), len(told)) == (0, 2, 1)


def test_many_bad_rows_are_counted(regions):
    _, _, told = regions("ra,dec\n" + "x,1\n" * 60)
    assert (len(told), told[-1]) == (51, "10 more of them")


def test_a_line_of_many_regions_is_told_once(regions):
    """Of four radii are three annuli made; the two points stand in one line, too."""
    text = "fk5\npoint(1,2)\nimage\nannulus(10,20,5,10,15,20)\npoint(1,2);point(3,4)\npoint(5,6)\n"
    code, _, told = regions(text, name="x.reg")
    reason = "pixel coordinates, where sky coordinates are wanted: give --wcs"
    assert (code, told) == (1, [f"x.reg, line {number}: {reason}" for number in (4, 5, 6)])


def test_all_that_is_wrong_with_a_line_is_told(regions):
    _, _, told = regions("fk5\npoint(1,2);point(1,x);image;point(3,4);point(y,4)\n", name="x.reg")
    assert [one.startswith("x.reg, line 2: ") for one in told] == [True] * 3
    assert len(set(told)) == 3


def test_rows_of_a_fits_table_are_told_as_rows(regions, tmp_path):
    Table({"ra": [1.0, np.nan], "dec": [1.0, 2.0]}).write(tmp_path / "t.fits")
    assert regions(None, name="t.fits")[2] == ["t.fits, row 2: no coordinates"]


def test_what_lies_behind_the_image_is_bad(regions, data):
    options = ["--wcs", str(data / "multi5_1k.ptif"), "--to", "pixel"]
    code, _, told = regions("ra,dec\n150,2\n330,-2\n", *options)
    assert (code, told) == (1, ["input.csv, line 3: outside of the projection of the image"])


@pytest.mark.parametrize(
    ("text", "name"),
    [("", "a.csv"), ("ra,dec\n", "a.csv"), ("# nothing\n", "a.reg"), ("", "a.reg")],
)
def test_an_empty_input_gives_an_empty_collection_and_a_warning(regions, text, name):
    code, made, told = regions(text, name=name)
    assert (code, made["features"]) == (0, [])
    assert told == [f"warning: {name} is empty: no features"]


@pytest.mark.parametrize(
    ("text", "options", "name", "message"),
    [
        (CSV, [], "a.what", "a.what has no suffix that is known: give --format"),
        ("a,b\n1,2\n", [], "a.csv", "no columns of coordinates are known"),
        (CSV, ["--to", "pixel"], "a.csv", "give --wcs"),
        (CSV, ["--wcs", "/nowhere.fits"], "a.csv", "/nowhere.fits cannot be opened"),
        (CSV, ["--format", "fits"], "a.csv", "cannot be read as FITS"),
        (CSV, ["--format", "votable"], "a.csv", "cannot be read as VOTable"),
    ],
)
def test_an_input_that_cannot_be_used_says_why(regions, text, options, name, message):
    code, made, told = regions(text, *options, name=name)
    assert (code, made) == (1, None)
    assert message in told[0]


def test_an_input_that_is_not_there_says_so(tmp_path, capsys):
    (tmp_path / "x").write_text("older")
    assert cli.main(["regions", str(tmp_path / "no.csv"), "-o", str(tmp_path / "x")]) == 1
    assert "no.csv cannot be opened: No such file or directory" in capsys.readouterr().err


# ---- the output


def test_an_older_output_stays_when_the_run_fails(tmp_path):
    (tmp_path / "a.csv").write_text("ra,dec\nx,y\n")
    (tmp_path / "out").write_text("older")
    assert cli.main(["regions", str(tmp_path / "a.csv"), "-o", str(tmp_path / "out")]) == 1
    assert (tmp_path / "out").read_text() == "older"
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "out"]


def test_an_output_that_cannot_be_written_says_so(tmp_path, capsys):
    (tmp_path / "a.csv").write_text(CSV)
    output = tmp_path / "none" / "out"
    assert cli.main(["regions", str(tmp_path / "a.csv"), "-o", str(output)]) == 1
    assert f"{output} cannot be written: No such file" in capsys.readouterr().err


def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    (tmp_path / "a.csv").write_text(CSV)
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "real").write_text("older")
    (tmp_path / "out").symlink_to("store/real")
    assert cli.main(["regions", str(tmp_path / "a.csv"), "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out").is_symlink()
    assert os.listdir(tmp_path / "store") == ["real"]
    assert (tmp_path / "store" / "real").read_text().startswith('{"type": "FeatureCollection"')


def test_what_is_no_file_is_not_replaced(tmp_path, capsys):
    (tmp_path / "a.csv").write_text(CSV)
    os.mkfifo(tmp_path / "out")
    assert cli.main(["regions", str(tmp_path / "a.csv"), "-o", str(tmp_path / "out")]) == 1
    assert "out cannot be written: there is something that is no file" in capsys.readouterr().err
    assert (tmp_path / "out").is_fifo()
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "out"]


def test_what_a_killed_run_left_is_written_over(regions, tmp_path):
    (tmp_path / "out.geojson.part").write_text("half of " * 1000)
    assert regions(CSV)[0] == 0
    assert sorted(os.listdir(tmp_path)) == ["input.csv", "out.geojson"]


def test_two_runs_do_not_write_one_file(tmp_path, capsys):
    (tmp_path / "a.csv").write_text(CSV)
    with whole_file(str(tmp_path / "out")):
        assert cli.main(["regions", str(tmp_path / "a.csv"), "-o", str(tmp_path / "out")]) == 1
    assert "out cannot be written: another run is writing it" in capsys.readouterr().err


def test_the_image_of_the_coordinates_is_not_written_over(tmp_path, data):
    image = tmp_path / "image.fits"
    image.write_bytes((data / "fits" / "iraf_dev_pix_m51.fits").read_bytes())
    (tmp_path / "a.csv").write_text(CSV)
    given = command.Settings(str(tmp_path / "a.csv"), str(image), wcs=str(image), to="pixel")
    with pytest.raises(InputError, match="is an input"):
        command.convert(given)


@pytest.mark.parametrize("name", ["a.csv", "out.part"])
def test_the_input_is_not_written_over(tmp_path, name):
    path = tmp_path / name
    path.write_text(CSV)
    (tmp_path / "out").symlink_to("a.csv") if name == "a.csv" else None
    with pytest.raises(InputError, match="is an input"):
        command.convert(command.Settings(str(path), str(tmp_path / "out"), format="csv"))
    assert path.read_text() == CSV


RUN = """
import signal, sys
from iipastro import cli
signal.signal(int(sys.argv[1]), signal.SIG_DFL)  # whoever runs the tests may ignore it
sys.exit(cli.main(sys.argv[2:]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_nothing_behind(tmp_path, number):
    """A pipe that never ends is the input; the signal comes while it is read.

    In a process of its own: there is no callback here that could swallow the exception.
    """
    path, output = tmp_path / "a.csv", tmp_path / "out"
    os.mkfifo(path)
    run = [sys.executable, "-c", RUN, str(int(number)), "regions", str(path), "-o", str(output)]
    run += ["--format", "csv"]
    with (
        open(path, "r+b", buffering=0) as pipe,  # both ends: it waits for no reader
        subprocess.Popen(run, stderr=subprocess.PIPE, text=True) as process,
    ):
        pipe.write(b"ra,dec\n" + b"1,2\n" * 10_000)
        end = time.monotonic() + 20
        while not (tmp_path / "out.part").exists() and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(number)
        _, told = process.communicate(timeout=20)
    assert (process.returncode, told) == (
        1,
        f"iipastro: stopped by {number.name}; nothing was written\n",
    )
    assert os.listdir(tmp_path) == ["a.csv"]


@pytest.mark.parametrize(
    ("content", "name", "form"),
    [
        (b"SIMPLE  =                    T", "a.cat", "fits"),
        (b'<?xml version="1.0"?>\n<VOTABLE version="1.4">', "a.dat", "votable"),
        (b"# Region file format: DS9 version 4.1\n", "a.txt", "ds9"),
        (b"ra dec", "A.CAT", "csv"),
        (b"ra dec", "a.tsv", "csv"),
        (b"circle", "a.reg", "ds9"),
    ],
)
def test_the_format_is_told_by_content_then_by_suffix(tmp_path, content, name, form):
    (tmp_path / name).write_bytes(content)
    assert command.format_of(str(tmp_path / name)) == form


def test_a_compressed_file_is_refused(tmp_path):
    (tmp_path / "a.fits").write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(InputError, match="gunzip it first"):
        command.format_of(str(tmp_path / "a.fits"))
