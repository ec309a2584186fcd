"""Conversions that are killed, stopped or out of space; lists, clusters, memory; and servers."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile
from astropy.io import fits
from PIL import Image

pytestmark = pytest.mark.integration

OLD = b"an older output"
SLOW = ("--compression", "zstd:22", "--threads", "1")  # seconds for a large image


def image(path, side=300, seed=1) -> np.ndarray:
    pixels = np.random.default_rng(seed).normal(100, 9, (side, side)).astype(np.float32)
    fits.PrimaryHDU(pixels).writeto(path)
    return pixels


@pytest.fixture
def large(tmp_path):
    """An input that takes seconds, and an older output."""
    image(tmp_path / "large.fits", 3000)
    (tmp_path / "out.ptif").write_bytes(OLD)
    return tmp_path


def content(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".log"}


def begun(folder, name="out.ptif"):
    """Whether there are pixels in the part."""
    with contextlib.suppress(FileNotFoundError):
        return (folder / f"{name}.part").stat().st_size > 1 << 20
    return False


def writers(part) -> list[int]:
    """The processes that have a file open."""
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if os.readlink(link) == str(part):
                found.append(int(link.parts[2]))
    return found


# ---- the end that nobody wants


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_everything_as_it_was(large, start, tools, number):
    before = content(large)
    words = ["convert", str(large / "large.fits"), "-o", str(large / "out.ptif"), *SLOW]
    run = start([*tools.iipastro, *words])
    assert tools.wait_until(lambda: begun(large), 20)
    run.send_signal(number)
    assert run.wait(10) == 1
    assert f"stopped by {number.name}; nothing was written" in run.log.read_text()
    assert content(large) == before


def test_a_kill_leaves_a_part_that_the_next_run_cleans_up(large, start, tools):
    words = ["convert", str(large / "large.fits"), "-o", str(large / "out.ptif"), *SLOW]
    run = start([*tools.iipastro, *words])
    assert tools.wait_until(lambda: begun(large), 20)
    run.kill()
    run.wait()
    assert (large / "out.ptif").read_bytes() == OLD
    pixels = image(large / "small.fits")
    words = ["convert", str(large / "small.fits"), "-o", str(large / "out.ptif")]
    assert start([*tools.iipastro, *words]).wait(20) == 0
    assert sorted(content(large)) == ["large.fits", "out.ptif", "small.fits"]
    np.testing.assert_array_equal(tifffile.imread(large / "out.ptif"), pixels[::-1])


def test_a_second_run_of_the_same_output_is_refused(large, start, tools):
    words = ["convert", str(large / "large.fits"), "-o", str(large / "out.ptif")]
    first = start([*tools.iipastro, *words, *SLOW])
    assert tools.wait_until(lambda: begun(large), 20)
    second = start([*tools.iipastro, *words])
    assert second.wait(20) == 1
    assert "another run is writing it" in second.log.read_text()
    assert begun(large)
    first.terminate()
    assert first.wait(10) == 1
    assert (large / "out.ptif").read_bytes() == OLD


@pytest.fixture
def small_disk(tmp_path):
    """A folder with room for 8 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system may not be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("compression", ["none", "deflate"])
def test_a_full_disk_leaves_everything_as_it_was(large, small_disk, start, tools, compression):
    (small_disk / "out.ptif").write_bytes(OLD)
    words = ["convert", str(large / "large.fits"), "-o", str(small_disk / "out.ptif")]
    run = start([*tools.iipastro, *words, "--compression", compression])
    assert run.wait(20) == 1
    assert "out.ptif: No space left on device" in run.log.read_text()
    assert content(small_disk) == {"out.ptif": OLD}


def test_a_file_that_may_not_grow_leaves_everything_as_it_was(large, tools):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    before = content(large)
    words = ["convert", str(large / "large.fits"), "-o", str(large / "out.ptif"), "--quiet"]
    done = subprocess.run(
        [*tools.iipastro, *words],
        preexec_fn=limit, capture_output=True, text=True, check=False, env=tools.environment(),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("out.ptif: File too large\n")
    assert content(large) == before


def test_an_output_that_cannot_be_written_is_an_error(large, start, tools):
    run = start([*tools.iipastro, "convert", str(large / "large.fits"), "-o", "/sys/out.ptif"])
    assert run.wait(20) == 1
    assert "iipastro: /sys/out.ptif: " in run.log.read_text()


# ---- lists


def test_a_process_of_a_list_that_is_killed_stops_no_other(large, start, tools):
    pixels = image(large / "small.fits")
    lines = [f"{large}/large.fits -> {large}/out.ptif", f"{large}/small.fits -> {large}/small.ptif"]
    (large / "list").write_text("\n".join(lines))
    run = start([*tools.iipastro, "convert", "--batch", str(large / "list"), "--jobs", "1", *SLOW])
    assert tools.wait_until(lambda: begun(large), 30)
    (victim,) = writers(large / "out.ptif.part")
    assert victim != run.pid
    os.kill(victim, signal.SIGKILL)
    assert run.wait(30) == 1
    text = run.log.read_text()
    assert f"{large}/out.ptif: its process ended with code -9\n" in text
    assert "iipastro: 1 of 2 failed" in text
    assert (large / "out.ptif").read_bytes() == OLD
    np.testing.assert_array_equal(tifffile.imread(large / "small.ptif"), pixels[::-1])


def test_a_list_that_is_stopped_stops_its_processes(large, start, tools):
    before = content(large)
    (large / "list").write_text(f"{large}/large.fits -> {large}/out.ptif\n")
    run = start([*tools.iipastro, "convert", "--batch", str(large / "list"), *SLOW])
    assert tools.wait_until(lambda: begun(large), 30)
    run.terminate()
    assert run.wait(20) == 1
    assert "stopped by SIGTERM" in run.log.read_text()
    assert "Traceback" not in run.log.read_text()
    assert tools.wait_until(lambda: not writers(large / "out.ptif.part"))
    (large / "list").unlink()
    assert content(large) == before


def test_a_list_is_converted_by_a_cluster(tmp_path, tools):
    distributed = pytest.importorskip("distributed", reason="dask[distributed] is not installed")
    pixels = [image(tmp_path / f"{n}.fits", 300 + n, n) for n in range(4)]
    lines = [f"{tmp_path}/{n}.fits -> {tmp_path}/{n}.ptif" for n in (0, 1, 9, 2, 3)]
    (tmp_path / "list").write_text("\n".join(lines))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        words = ["convert", "--batch", str(tmp_path / "list"), "--scheduler"]
        done = subprocess.run(
            [*tools.iipastro, *words, cluster.scheduler_address],
            capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(tools.root)},
        )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert f"{tmp_path}/9.ptif: {tmp_path}/9.fits" in done.stderr
    assert done.stderr.endswith("iipastro: 1 of 5 failed\n")
    for number, full in enumerate(pixels):
        np.testing.assert_array_equal(tifffile.imread(tmp_path / f"{number}.ptif"), full[::-1])
    assert not list(tmp_path.glob("*.part"))


def test_a_scheduler_that_is_not_there_is_an_error(tmp_path, tools):
    pytest.importorskip("distributed", reason="dask[distributed] is not installed")
    image(tmp_path / "a.fits")
    (tmp_path / "list").write_text(f"{tmp_path}/a.fits -> {tmp_path}/a.ptif")
    words = ["convert", "--batch", str(tmp_path / "list"), "--scheduler"]
    done = subprocess.run(
        [*tools.iipastro, *words, f"tcp://127.0.0.1:{tools.free_port()}"],
        capture_output=True, text=True, check=False, timeout=60,
        env={
            **os.environ,
            "PYTHONPATH": str(tools.root),
            "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "2s",
        },
    )  # fmt: skip
    assert done.returncode == 1
    assert "does not answer" in done.stderr


# ---- memory


def test_memory_does_not_grow_with_the_image(tmp_path, tools):
    """Five channels of 50,000 columns: a row of tiles takes 244 MiB."""
    zeros = np.zeros((2, 50_000), dtype=np.float32)
    fits.PrimaryHDU(np.repeat(zeros, 300, axis=0)).writeto(tmp_path / "wide.fits")
    words = ["convert", *5 * [str(tmp_path / "wide.fits")], "-o", str(tmp_path / "wide.ptif")]
    run = subprocess.Popen(
        [*tools.iipastro, *words, "--quiet", "--threads", "4"], env=tools.environment()
    )
    peak = 0
    while run.poll() is None:
        lines = Path(f"/proc/{run.pid}/status").read_text().splitlines()
        peak = max([peak, *(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))])
        time.sleep(0.01)
    assert run.returncode == 0
    assert 0 < peak < 300 << 10


# ---- servers


@pytest.fixture
def servers(start, tools, tmp_path):
    """The sockets of Debian's server and of ours, over the test's own folder."""
    if not os.path.exists(tools.oracle):
        pytest.skip("iipimage-server is not installed")
    settings = {"FILESYSTEM_PREFIX": f"{tmp_path}/", "MEMCACHED_SERVERS": ""}
    paths = []
    for name, command in (("theirs", [tools.oracle]), ("ours", tools.iipsrv)):
        path = tmp_path / f"{name}.sock"
        with socket.socket(socket.AF_UNIX) as given:
            given.bind(str(path))
            given.listen(64)
            start(command, stdin=given, VERBOSITY="0", LOGFILE="/dev/null", **settings)
        paths.append(path)
    return paths


WRITTEN = (
    (),
    ("--compression", "lzw", "--predictor", "horizontal"),
    ("--compression", "deflate", "--predictor", "float"),
    ("--compression", "zstd", "--bigtiff", "always"),
    ("--sample", "uint8", "--levels", "stiff"),
    ("--sample", "uint16", "--tile", "128"),
)


@pytest.mark.parametrize("options", WRITTEN, ids=" ".join)
@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_both_servers_show_the_same(tmp_path, servers, tools, fcgi, options, channels):
    """Also proof that NewSubfileType on the smaller levels harms no one."""
    inputs = [str(tmp_path / f"{number}.fits") for number in range(channels)]
    for number, path in enumerate(inputs):
        waves = np.sin(np.arange(1237, dtype=np.float32) / (200 + 60 * number))
        fits.PrimaryHDU(100 + 40 * (waves[:, None] + waves)).writeto(path)
    words = ["convert", *inputs, "-o", str(tmp_path / "a.ptif"), "--quiet", *options]
    done = subprocess.run([*tools.iipastro, *words], env=tools.environment(), check=False)
    assert done.returncode == 0
    facts = "FIF=a.ptif&OBJ=Max-size&OBJ=Tile-size&OBJ=Resolution-number"
    theirs, ours = (fcgi.ask(path, facts).body for path in servers)
    assert theirs == ours
    for level in range(3):
        query = f"FIF=a.ptif&QLT=95&JTL={level},0"
        theirs, ours = (picture(fcgi.ask(path, query)) for path in servers)
        assert ours.std() > 10
        assert np.abs(theirs - ours).mean() < 1.5


def picture(answer):
    with Image.open(io.BytesIO(answer.body)) as opened:
        return np.asarray(opened.convert("RGB"), dtype=np.float64)


def test_stiff_and_iipastro_write_the_same_pixels(tmp_path, tools):
    stiff = tools.find("stiff", "stiff")
    image(tmp_path / "a.fits", 1237)
    words = {
        "-OUTFILE_NAME": "theirs.tif",
        "-IMAGE_TYPE": "TIFF-PYRAMID",
        "-BITS_PER_CHANNEL": "-32",
        "-COPY_HEADER": "Y",
        "-VERBOSE_TYPE": "QUIET",
        "-WRITE_XML": "N",
    }
    command = [stiff, "a.fits", *(word for pair in words.items() for word in pair)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    words = ["convert", "a.fits", "-o", "ours.tif", "--levels", "stiff"]
    subprocess.run([*tools.iipastro, *words], cwd=tmp_path, check=True, env=tools.environment())
    with (
        tifffile.TiffFile(tmp_path / "theirs.tif") as theirs,
        tifffile.TiffFile(tmp_path / "ours.tif") as ours,
    ):
        assert len(theirs.pages) == len(ours.pages)
        for one, other in zip(theirs.pages, ours.pages, strict=True):
            np.testing.assert_array_equal(one.asarray(), other.asarray())
