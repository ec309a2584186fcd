"""What is purged is made anew, and is another answer to whoever has the old one."""

from __future__ import annotations

import os
import shutil

import pytest

from iipastro import cli, commands
from iipastro.config import load_config
from iipastro.handlers.service import build_service
from iipastro.wsgi import respond

OLD = 784111777  # seconds since 1970
QUERIES = {
    "multi5_1k.ptif": "FIF=multi5_1k.ptif&JTL=0,0",
    "wide.fits": "FIF=wide.fits&JTL=0,0",
}


@pytest.fixture
def settings(tmp_path, data, monkeypatch):
    """Serve an old TIFF file, and an old FITS file that needs lower levels."""
    monkeypatch.setattr(commands, "system_files", list)
    root = tmp_path / "images"
    root.mkdir()
    shutil.copy(data / "multi5_1k.ptif", root)
    cards = [("SIMPLE", "T"), ("BITPIX", 8), ("NAXIS", 2), ("NAXIS1", 600), ("NAXIS2", 4)]
    text = "".join(f"{name:<8}= {value:>20}".ljust(80) for name, value in cards) + "END"
    (root / "wide.fits").write_bytes(text.ljust(2880).encode() + bytes(2880))
    for path in root.iterdir():
        os.utime(path, (OLD, OLD))
    return {"images.root": str(root), "fits.cache_dir": str(tmp_path / "levels")}


@pytest.mark.parametrize(("name", "query"), QUERIES.items())
def test_a_purged_image_has_another_tag_and_another_date(settings, name, query):
    service = build_service(load_config([], {}, settings).config)
    before = respond({"QUERY_STRING": query}, b"", service)
    had = dict(before.headers)
    known = {"QUERY_STRING": query, "HTTP_IF_NONE_MATCH": had["ETag"]}
    dated = {"QUERY_STRING": query, "HTTP_IF_MODIFIED_SINCE": had["Last-Modified"]}
    assert respond(known, b"", service).status == respond(dated, b"", service).status == 304

    words = [word for pair in settings.items() for word in ("--set", "=".join(pair))]
    assert cli.main(["purge", *words, name]) == 0

    assert respond(known, b"", service).status == respond(dated, b"", service).status == 200
    after = respond({"QUERY_STRING": query}, b"", service)
    assert after.body == before.body
    assert dict(after.headers)["ETag"] != had["ETag"]
    date = dict(after.headers).get("Last-Modified")  # not told in its first two seconds
    assert date != had["Last-Modified"]
    service.catalog.close()


def test_the_lower_levels_of_a_purged_image_are_made_anew(settings, tmp_path):
    service = build_service(load_config([], {}, settings).config)
    respond({"QUERY_STRING": QUERIES["wide.fits"]}, b"", service)
    before = {path.name for path in (tmp_path / "levels").glob("*.levels")}
    cli.main(["purge", "--set", f"images.root={settings['images.root']}", "wide.fits"])
    respond({"QUERY_STRING": QUERIES["wide.fits"]}, b"", service)
    after = {path.name for path in (tmp_path / "levels").glob("*.levels")}
    assert len(after - before) == 1
    service.catalog.close()
