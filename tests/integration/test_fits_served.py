"""FITS files behind real workers: opening, restart, second worker, replaced files, full disks."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import threading
import time

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

pytestmark = pytest.mark.integration

OPENING = (  # spec 10 #1
    "&obj=IIP,1.0&obj=max-size&obj=tile-size&obj=resolution-number&obj=bits-per-channel"
    "&obj=min-max-sample-values&obj=subject"
)


def sky(seed, height=700, width=1100):
    return np.random.default_rng(seed).integers(0, 4000, (height, width)).astype("f4")


def means(pixels, halvings):
    """Lower levels of a picture by plain reshaping, in float64."""
    for _ in range(halvings):
        rows, columns = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
        four = pixels[:rows, :columns].astype("f8").reshape(rows // 2, 2, columns // 2, 2)
        pixels = four.mean((1, 3))
    return pixels


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    return folder


@pytest.fixture
def serve(start, tools, tmp_path, root):
    """Return a function that starts the server, with its cache in a folder."""

    def started(cache="cache", workers=2):
        path, ini = tmp_path / "served.sock", tmp_path / "iipastro.ini"
        ini.write_text(
            f"[server]\nlisten = unix:{path}\nworkers = {workers}\n[images]\nroot = {root}\n"
            f"[fits]\ncache_dir = {tmp_path / cache}\ncache_size = 100M\n"
        )
        process = start([*tools.iipastro, "serve", "--config", str(ini)], path)
        assert tools.wait_until(lambda: len(tools.children(process.pid)) == workers)
        process.path = path
        return process

    return started


def write(path, pixels, **cards):
    """Put a FITS file in place at once, as an administrator should."""
    header = fits.Header(list(cards.items()))
    temporary = path.with_suffix(".new")
    fits.PrimaryHDU(pixels, header).writeto(temporary, overwrite=True)
    os.replace(temporary, path)


def row_of(fcgi, server, name, level, row, width):
    """Return a row of a level, as PFL gives it."""
    answer = fcgi.ask(server.path, f"FIF={name}&PFL={level}:0,{row}-{width},{row}")
    assert answer.status == 200, answer.body
    return np.array(json.loads(answer.body)["profile"])


def assert_shows(fcgi, server, name, pixels):
    """Compare a row of every level with the means of `pixels`, the last row on top."""
    for level, halvings in ((0, 3), (1, 2), (2, 1), (3, 0)):
        expected = means(pixels[::-1], halvings)
        row = expected.shape[0] // 3
        given = row_of(fcgi, server, name, level, row, expected.shape[1])
        np.testing.assert_allclose(given, expected[row], rtol=1e-6)


def test_an_image_is_opened_as_visiomatic_does_and_shown(serve, fcgi, root):
    pixels = sky(1)
    write(root / "sky.fits", pixels, OBJECT="M 51", CRPIX1=3.5, FILTER="g")
    server = serve()
    text = fcgi.ask(server.path, f"FIF=sky.fits{OPENING}").body.decode("latin-1")
    assert re.search(r"Max-size:(\d+)\s+(\d+)", text).groups() == ("1100", "700")
    assert re.search(r"Tile-size:(\d+)\s+(\d+)", text).groups() == ("256", "256")
    assert re.search(r"Resolution-number:(\d+)", text)[1] == "4"
    assert re.search(r"Bits-per-channel:(\d+)", text)[1] == "32"
    assert len(re.split(r"\s+", re.search(r"Min-Max-sample-values:\s*(.*)\r\n", text)[1])) == 2
    assert re.search(r"NAXIS1  = *(\d+)", text)[1] == "1100"
    assert re.search(r"CHAN0001= '(\w+)", text)[1] == "g"
    assert_shows(fcgi, server, "sky.fits", pixels)
    tile = fcgi.ask(server.path, "FIF=sky.fits&GAM=0.4545&CTW=1;1;1&JTL=0,0")
    assert Image.open(io.BytesIO(tile.body)).size == (137, 87)


def test_the_bright_corner_of_the_last_row_is_at_the_top(serve, fcgi, root):
    pixels = np.zeros((700, 1100), "f4")
    pixels[600:, :200] = 1000
    write(root / "sky.fits", pixels)
    answer = fcgi.ask(serve().path, "FIF=sky.fits&MINMAX=1:0,1000&JTL=0,0")
    picture = np.asarray(Image.open(io.BytesIO(answer.body)).convert("L"))
    assert picture[:10, :20].min() > 200
    assert picture[20:].max() < 50


def test_a_restart_and_a_second_worker_find_what_was_made(serve, fcgi, root, tmp_path):
    write(root / "sky.fits", sky(1))
    server = serve()
    assert_shows(fcgi, server, "sky.fits", sky(1))
    (file,) = (tmp_path / "cache").iterdir()
    made = file.stat().st_ino
    for _ in range(6):  # whichever worker answers
        assert_shows(fcgi, server, "sky.fits", sky(1))
    server.terminate()
    assert server.wait(10) == 0
    assert_shows(fcgi, serve(), "sky.fits", sky(1))
    assert [path.stat().st_ino for path in (tmp_path / "cache").iterdir()] == [made]


def test_many_who_need_the_same_levels_at_once_all_get_them(serve, fcgi, root, tmp_path):
    write(root / "sky.fits", sky(1))
    server, answers = serve(), []
    threads = [
        threading.Thread(
            target=lambda: answers.append(fcgi.ask(server.path, "FIF=sky.fits&PFL=0:0,9-137,9"))
        )
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_replaced_file_is_never_shown_with_the_old_levels(serve, fcgi, root):
    server = serve()
    for seed in range(5):
        write(root / "sky.fits", sky(seed))
        assert_shows(fcgi, server, "sky.fits", sky(seed))


def test_parts_are_chosen_by_brackets_escaped_or_not(serve, fcgi, root):
    hdus = [fits.PrimaryHDU(), fits.ImageHDU(sky(1), name="SCI"), fits.ImageHDU(sky(2), name="ERR")]
    hdus.append(fits.CompImageHDU(sky(3).astype("i2"), name="PACKED", tile_shape=(100, 100)))
    fits.HDUList(hdus).writeto(root / "many.fits")
    server = serve()
    for name, seed in [
        ("many.fits", 1),
        ("many.fits[2]", 2),
        ("many.fits%5B2%5D", 2),
        ("many.fits[err]", 2),
    ]:
        assert_shows(fcgi, server, name, sky(seed))
    np.testing.assert_array_equal(row_of(fcgi, server, "many.fits[PACKED]", 3, 0, 1100), sky(3)[-1])
    assert fcgi.ask(server.path, "FIF=many.fits[7]&obj=max-size").status == 404


def test_a_worker_killed_in_the_middle_leaves_nothing_wrong(serve, fcgi, root, tools, tmp_path):
    side = 8000
    with (root / "large.fits").open("wb") as file:
        header = fits.Header([("SIMPLE", True), ("BITPIX", -32), ("NAXIS", 2)])
        header["NAXIS1"] = header["NAXIS2"] = side
        file.write(header.tostring().encode())
        file.truncate(file.tell() + -(-side * side * 4 // 2880) * 2880)
    server = serve(workers=1)
    with fcgi.connect(server.path) as asking:
        asking.sendall(fcgi.request("FIF=large.fits&PFL=0:0,0-9,0"))
        assert tools.wait_until(lambda: list((tmp_path / "cache").glob("*.part")))
        os.kill(tools.children(server.pid)[0], signal.SIGKILL)
    assert list((tmp_path / "cache").glob("*.part"))
    np.testing.assert_array_equal(row_of(fcgi, server, "large.fits", 0, 0, 9), [0] * 9)
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".levels"]


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 1 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1M", "none", str(folder)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root can make a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_on_a_full_disk_images_are_shown_and_no_picture_is_wrong(serve, fcgi, root, small_disk):
    (small_disk / "filling").write_bytes(bytes(900_000))
    pixels = sky(1)
    write(root / "sky.fits", pixels)
    server = serve("small", workers=1)
    assert_shows(fcgi, server, "sky.fits", pixels)
    assert [path.name for path in small_disk.iterdir()] == ["filling"]
    assert server.log.read_text().count("cannot be kept") == 1
    (small_disk / "filling").unlink()
    write(root / "other.fits", sky(2)[:300])
    assert fcgi.ask(server.path, "FIF=other.fits&JTL=0,0").status == 200
    assert [path.suffix for path in small_disk.iterdir()] == [".levels"]


def test_large_levels_that_fit_nowhere_are_a_503_and_the_worker_goes_on(
    serve, fcgi, root, tmp_path
):
    (tmp_path / "cache").write_text("no folder")
    side = 6000
    with (root / "large.fits").open("wb") as file:
        header = fits.Header([("SIMPLE", True), ("BITPIX", -32), ("NAXIS", 2)])
        header["NAXIS1"] = header["NAXIS2"] = side
        file.write(header.tostring().encode())
        file.truncate(file.tell() + side * side * 4 + 2880)
    server = serve(workers=1)
    for _ in range(2):
        answer = fcgi.ask(server.path, "FIF=large.fits&JTL=0,0")
        assert answer.status == 503
        assert str(tmp_path).encode() not in answer.body
    assert fcgi.ask(server.path, "FIF=large.fits&JTL=5,0").status == 200
    assert fcgi.ask(server.path, "FIF=large.fits&obj=max-size").status == 200


@pytest.mark.parametrize(
    ("cards", "status"),
    [
        ({"BITPIX": 12}, 404),
        ({"NAXIS": 0}, 404),
        ({"NAXIS1": 10**18}, 404),
        ({"NAXIS1": 10**6, "NAXIS2": 10**6}, 404),
        ({"BSCALE": 0}, 404),
        ({"COMMENT": 140000}, 413),
    ],
)
def test_bad_files_are_refused_quickly_and_without_a_path(serve, fcgi, root, cards, status):
    write(root / "sky.fits", sky(1, 40, 50))
    good = fits.Header.fromfile(root / "sky.fits")
    lines = [good.cards[name].image for name in ("SIMPLE", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2")]
    lines = [
        f"{line[:8]}= {cards[line[:8].strip()]:>20}".ljust(80)
        if line[:8].strip() in cards
        else line
        for line in lines
    ]
    if "BSCALE" in cards:
        lines.append(f"{'BSCALE':<8}= {0:>20}".ljust(80))
    lines += ["COMMENT".ljust(80)] * cards.get("COMMENT", 0)
    text = "".join([*lines, "END".ljust(80)])
    (root / "sky.fits").write_bytes(text.ljust(-(-len(text) // 2880) * 2880).encode() + bytes(8640))
    server = serve(workers=1)
    start = time.monotonic()
    answer = fcgi.ask(server.path, "FIF=sky.fits&JTL=0,0")
    assert time.monotonic() - start < 3
    assert answer.status == status
    assert str(root).encode() not in answer.body
    assert server.poll() is None
