import os
import subprocess
import sys

import pytest

from iipastro.config import load_config
from iipastro.errors import Unservable
from iipastro.handlers.service import build_service
from iipastro.protocol import UriMap


@pytest.mark.parametrize(
    ("setting", "mapped"),
    [
        ("", None),
        ("iip=>IIP", UriMap("iip", "FIF")),
        ("=>deepzoom", UriMap("", "DeepZoom")),
        ("z/=>ZOOMIFY", UriMap("z/", "Zoomify")),
    ],
)
def test_a_path_may_name_a_protocol(setting, mapped):
    config = load_config([], {}, {"http.uri_map": setting}).config
    assert build_service(config).uri_map == mapped


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


def test_preparing_leaves_no_thread_before_the_fork():
    # in a process of its own: other tests may have left threads in this one
    count = "from iipastro.handlers.service import prepare; prepare(); import os; "
    count += "raise SystemExit(len(os.listdir('/proc/self/task')) != 1)"
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", count], env=environment, check=False)
    assert done.returncode == 0
