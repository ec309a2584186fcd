"""A purged image is another one to every cache."""

from __future__ import annotations

import os

import pytest

from iipastro.errors import NotFound, Unreadable
from iipastro.images import purge as module
from iipastro.images.purge import purge

OLD = 784111777  # seconds since 1970


@pytest.fixture
def folder(tmp_path):
    """Return a folder with old files of these names."""

    def build(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("x")
            os.utime(tmp_path / name, (OLD, OLD))
        return tmp_path

    return build


def purged(folder, name, suffix="", links=True):
    """Purge an image and return the number told, and the names of the files that are new."""
    count = purge(str(folder), name, suffix, "_pyr_", links)
    files = (path for path in folder.rglob("*") if path.is_file())
    new = sorted(str(path.relative_to(folder)) for path in files if path.stat().st_mtime > OLD)
    assert len(new) == count
    return new


def test_only_the_file_that_is_named_gets_a_new_time(folder):
    assert purged(folder("a.tif", "b/a.tif"), "b//a.tif") == ["b/a.tif"]


def test_a_suffix_belongs_to_the_name(folder):
    assert purged(folder("a.tif", "a"), "a", ".tif") == ["a.tif"]


def test_what_is_chosen_of_a_file_stands_for_the_file(folder):
    assert purged(folder("a.fits"), "a.fits[2][1]") == ["a.fits"]


def test_brackets_may_belong_to_the_name_of_a_file(folder):
    assert purged(folder("a.fits[1]", "a.fits"), "a.fits[1]") == ["a.fits[1]"]


def test_all_members_of_a_sequence_are_meant(folder):
    members = [f"s/m_pyr_{angles}.tif" for angles in ("000_090", "010_090", "010_080")]
    others = ["s/m_pyr_000_090.jpg", "s/n_pyr_000_090.tif", "s/m_pyr_1_2.tif"]
    assert purged(folder(*members, *others), "s/m") == sorted(members)


def test_the_content_stays(folder):
    path = folder("a.tif") / "a.tif"
    purged(path.parent, "a.tif")
    assert path.read_text() == "x"


def test_a_file_changed_just_now_gets_another_second(folder):
    path = folder("a.tif") / "a.tif"
    os.utime(path)
    before = int(path.stat().st_mtime)
    purge(str(path.parent), "a.tif", "", "_pyr_", True)
    assert int(path.stat().st_mtime) > before


@pytest.mark.parametrize("name", ["b.tif", "../a.tif", "", "s"])
def test_what_is_not_there_is_not_found(folder, name):
    with pytest.raises(NotFound):
        purge(str(folder("a.tif", "s/a.tif")), name, "", "_pyr_", True)


def test_a_link_that_leaves_the_root_is_not_followed(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "a.tif"
    outside.write_text("x")
    os.utime(outside, (OLD, OLD))
    root = folder("b.tif")
    (root / "a.tif").symlink_to(outside)
    with pytest.raises(NotFound):
        purge(str(root), "a.tif", "", "_pyr_", True)
    assert outside.stat().st_mtime == OLD


def test_a_time_that_does_not_change_is_an_error(folder, monkeypatch):
    monkeypatch.setattr(module, "SECOND", 10**30)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with pytest.raises(Unreadable):
        purge(str(folder("a.tif")), "a.tif", "", "_pyr_", True)
