import os
import subprocess
import sys

import pytest
from PIL import Image

from iipastro.config import ConfigError, load_config
from iipastro.errors import Unservable
from iipastro.handlers.service import build_service, share
from iipastro.protocol import Door


def test_paths_may_name_protocols():
    config = load_config([], {}, {"http.uri_map": "iip=>IIP"}).config
    assert build_service(config).uri_map == (Door("/iip", "IIP"),)


@pytest.mark.parametrize(("enabled", "status"), [("yes", None), ("no", "not served here")])
def test_fits_files_are_served_as_the_settings_say(tmp_path, enabled, status):
    card = "{:<8}= {:>20}".format
    cards = [("SIMPLE", "T"), ("BITPIX", 8), ("NAXIS", 2), ("NAXIS1", 600), ("NAXIS2", 4)]
    text = "".join(card(*pair).ljust(80) for pair in cards) + "END"
    (tmp_path / "a.fits").write_bytes(text.ljust(2880).encode() + bytes(2880))
    settings = {"images.root": tmp_path, "fits.cache_dir": tmp_path / "cache"}
    settings = {name: str(value) for name, value in settings.items()}
    catalog = build_service(
        load_config([], {}, {**settings, "fits.enabled": enabled}).config
    ).catalog
    if status:
        with pytest.raises(Unservable, match=status):
            catalog.open("a.fits")
    else:
        catalog.open("a.fits").source.read_tile(0, 0)
        assert len(list((tmp_path / "cache").iterdir())) == 1
    catalog.close()


@pytest.fixture
def mark(tmp_path):
    path = tmp_path / "mark.png"
    Image.new("RGBA", (4, 3), (10, 20, 30, 255)).save(path)
    return str(path)


def configured(**settings):
    overrides = {f"watermark.{name}": text for name, text in settings.items()}
    return load_config([], {}, overrides).config


def test_the_mark_is_read_once_for_all_workers(mark):
    config = configured(file=mark, opacity="0.5")
    shared = share(config)
    assert shared.mark.light[0, 0].tolist() == [5, 10, 15]
    first, second = (build_service(config, shared) for _ in range(2))
    assert first.mark is second.mark is shared.mark
    assert first.exports is second.exports is shared.exports


def test_each_worker_draws_lots_of_its_own():  # operations R17
    config = configured()
    first, second = (build_service(config, share(config)).lot for _ in range(2))
    assert [first.random() for _ in range(4)] != [second.random() for _ in range(4)]


def test_a_blended_mark_covers(mark):
    assert share(configured(file=mark)).mark.kept is None
    assert share(configured(file=mark, mode="blend")).mark.kept.max() == 0


@pytest.mark.parametrize("settings", [{}, {"opacity": "0"}])
def test_without_a_file_or_opacity_there_is_no_mark(mark, settings):
    file = {"file": mark} if settings else {}
    assert build_service(configured(**file, **settings)).mark is None


@pytest.mark.parametrize(
    ("name", "why"), [("none.png", "No such file or directory"), ("text.png", "no PNG or TIFF")]
)
def test_a_mark_that_cannot_be_read_is_told_at_the_start(tmp_path, name, why):
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ConfigError, match=rf"\[watermark\] file {tmp_path}/{name}: {why}"):
        share(configured(file=str(tmp_path / name)))


@pytest.mark.parametrize(
    ("workers", "exports", "slots"),
    [("4", "auto", 3), ("2", "auto", 1), ("1", "auto", 1), ("4", "2", 2), ("4", "9", 3)],
)
def test_a_worker_is_left_to_the_tiles(workers, exports, slots):
    settings = {"server.workers": workers, "limits.exports": exports}
    assert share(load_config([], {}, settings).config).exports.slots == slots


@pytest.mark.parametrize(("exports", "slots"), [("auto", (7, 1, 1, 3)), ("2", (2, 1, 1, 2))])
def test_a_worker_is_left_to_the_tiles_however_many_there_are_now(exports, slots):
    lane = share(load_config([], {}, {"server.workers": "4", "limits.exports": exports}).config)
    for workers, expected in zip((8, 2, 1, 4), slots, strict=True):
        lane.exports.follow(workers)
        assert lane.exports.slots == expected


def test_preparing_leaves_no_thread_before_the_fork():
    # in a process of its own: other tests may have left threads in this one
    count = "from iipastro.handlers.service import prepare; prepare(); import os; "
    count += "raise SystemExit(len(os.listdir('/proc/self/task')) != 1)"
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", count], env=environment, check=False)
    assert done.returncode == 0
