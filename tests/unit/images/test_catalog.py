from __future__ import annotations

import contextlib
import os
import shutil
import time
import zlib

import pytest

from iipastro.errors import NotFound, Refused, Unreadable, Unservable
from iipastro.images.catalog import Catalog
from iipastro.images.fits import FitsOptions
from iipastro.images.level_cache import LevelCache
from iipastro.images.sandbox import open_inside
from iipastro.images.source import memory_of


@pytest.fixture
def catalog(tmp_path):
    """Return a function that makes a catalog of tmp_path; closed afterwards."""
    made = []

    def make_catalog(**options):
        made.append(Catalog(str(tmp_path), **options))
        return made[-1]

    yield make_catalog
    for one in made:
        one.close()


def test_a_plain_file_has_one_view(catalog, write_tiff, ramp):
    write_tiff([ramp(20, 30)])
    opened = catalog().open("image.tif", (77, 12))
    assert opened.source.info.full == (30, 20)
    assert (opened.horizontal, opened.vertical) == ((0,), (90,))


def test_the_same_file_is_opened_once_whatever_its_name(catalog, write_tiff, ramp, tmp_path):
    path = write_tiff([ramp(20, 30)])
    (tmp_path / "link.tif").symlink_to(path)
    ours = catalog()
    first = ours.open("image.tif").source
    assert ours.open("//./image.tif").source is first
    assert ours.open("link.tif").source is first


def test_a_replaced_file_is_noticed_at_the_next_request(catalog, write_tiff, ramp, tmp_path):
    write_tiff([ramp(20, 30)])
    ours = catalog()
    old = ours.open("image.tif").source
    write_tiff([ramp(40, 50)], name="new.tif").rename(tmp_path / "image.tif")
    assert ours.open("image.tif").source.info.full == (50, 40)
    with pytest.raises(Unreadable):  # closed: it keeps no disk space
        old.read_tile(0, 0)


def test_names_are_remembered_for_no_more_files_than_may_be_open(catalog, write_tiff, ramp):
    ours = catalog(open_images=2)
    for number in range(5):
        write_tiff([ramp(20, 30)], name=f"{number}.tif")
        ours.open(f"{number}.tif")
    assert list(ours._last) == ["3.tif", "4.tif"]


def test_a_file_rewritten_in_place_is_noticed_at_the_next_request(catalog, write_tiff, ramp):
    write_tiff([ramp(20, 30)])
    ours = catalog()
    ours.open("image.tif")
    write_tiff([ramp(30, 20)])
    assert ours.open("image.tif").source.info.full == (20, 30)


def test_a_deleted_file_is_gone_at_the_next_request(catalog, write_tiff, ramp):
    path = write_tiff([ramp(20, 30)])
    ours = catalog()
    ours.open("image.tif")
    path.unlink()
    with pytest.raises(NotFound, match=r"^no image image.tif$"):
        ours.open("image.tif")


def test_the_least_recently_used_image_is_closed(catalog, write_tiff, ramp, descriptors):
    for name in "abc":
        write_tiff([ramp(20, 30)], name=f"{name}.tif")
    before, ours = descriptors(), catalog(open_images=2)
    first, second = ours.open("a.tif").source, ours.open("b.tif").source
    ours.open("a.tif")
    ours.open("c.tif")
    assert descriptors() == before + 2
    assert ours.open("a.tif").source is first
    with pytest.raises(Unreadable, match="closed"):
        second.read_tile(0, 0)
    ours.close()
    assert descriptors() == before


def test_requests_leave_no_descriptor_open(catalog, write_tiff, ramp, tmp_path, descriptors):
    write_tiff([ramp(20, 30)])
    (tmp_path / "text.tif").write_text("no image at all")
    ours = catalog()
    ours.open("image.tif")
    before = descriptors()
    for _ in range(3):
        ours.open("image.tif")
        with pytest.raises(Unservable):
            ours.open("text.tif")
        with pytest.raises(NotFound):
            ours.open("missing.tif")
    assert descriptors() == before


def test_a_suffix_is_added_to_files(catalog, write_tiff, ramp):
    write_tiff([ramp(20, 30)])
    assert catalog(suffix=".tif").open("image").source.info.full == (30, 20)


def test_angles_choose_the_member_of_a_sequence(catalog, write_tiff, ramp, tmp_path):
    for angles, rows in {"000_090": 20, "030_090": 21, "000_045": 22}.items():
        write_tiff([ramp(rows, 30)], name=f"ring-{angles}.ptif")
    ours = catalog(pattern="-", suffix=".tif")
    opened = ours.open("ring")
    assert opened.source.info.full == (30, 20)
    assert (opened.horizontal, opened.vertical) == ((0, 30), (45, 90))
    assert ours.open("ring", (30, 90)).source.info.full == (30, 21)
    assert ours.open("ring", (0, 45)).source.info.full == (30, 22)
    for angles in ((30, 45), (-1, 90), (10**9, 10**30)):
        with pytest.raises(NotFound):
            ours.open("ring", angles)


def test_links_may_be_forbidden(catalog, write_tiff, ramp, tmp_path):
    path = write_tiff([ramp(20, 30)])
    (tmp_path / "link.tif").symlink_to(path)
    with pytest.raises(NotFound):
        catalog(follow_symlinks=False).open("link.tif")


def test_a_root_that_is_mounted_anew_is_seen(catalog, write_tiff, ramp, tmp_path):
    root = tmp_path / "mount"
    root.mkdir()
    shutil.move(write_tiff([ramp(20, 30)]), root)
    ours = Catalog(str(root))
    ours.open("image.tif")
    os.rename(root, tmp_path / "away")
    root.mkdir()
    with pytest.raises(NotFound):
        ours.open("image.tif")
    ours.close()


# ---- parts of FITS files


def two_images(write_fits, ramp):
    return write_fits(None, ramp(20, 30)[..., 0], ramp(40, 50)[..., 0])


def test_brackets_choose_an_image_of_a_fits_file(catalog, write_fits, ramp):
    two_images(write_fits, ramp)
    ours = catalog()
    first = ours.open("image.fits").source
    assert first.info.full == ours.open("image.fits[1]").source.info.full == (30, 20)
    second = ours.open("image.fits[2]").source
    assert second.info.full == (50, 40)
    assert ours.open("image.fits").source is first
    assert ours.open("./image.fits[2]").source is second


def test_a_suffix_goes_before_the_brackets(catalog, write_fits, ramp):
    two_images(write_fits, ramp)
    assert catalog(suffix=".fits").open("image[2]").source.info.full == (50, 40)


def test_a_file_that_has_such_a_name_wins(catalog, write_fits, write_tiff, ramp):
    two_images(write_fits, ramp)
    write_tiff([ramp(7, 9)], name="image.fits[2]")
    assert catalog().open("image.fits[2]").source.info.full == (9, 7)


@pytest.mark.parametrize(
    "name", ["image.fits[3]", "none.fits[1]", "image.fits[1][2]", "../image.fits[1]", "[1]"]
)
def test_a_part_that_is_not_there_is_not_found(catalog, write_fits, ramp, name, descriptors):
    two_images(write_fits, ramp)
    ours, before = catalog(), descriptors()
    with pytest.raises(NotFound):
        ours.open(name)
    assert descriptors() == before


def test_a_sequence_may_have_brackets_in_its_name(catalog, write_tiff, ramp):
    write_tiff([ramp(20, 30)], name="ring[1]_pyr_000_090.tif")
    assert catalog().open("ring[1]").source.info.full == (30, 20)


def test_a_replaced_fits_file_is_noticed_in_all_its_parts(catalog, write_fits, ramp, tmp_path):
    two_images(write_fits, ramp)
    ours = catalog()
    assert ours.open("image.fits[2]").source.info.full == (50, 40)
    write_fits(None, ramp(2, 3)[..., 0], ramp(4, 5)[..., 0], name="new").rename(
        tmp_path / "image.fits"
    )
    assert ours.open("image.fits[2]").source.info.full == (5, 4)
    assert ours.open("image.fits").source.info.full == (3, 2)


# ---- the quick look at a file that was opened before


@pytest.fixture
def walks(monkeypatch):
    """The names that are walked through the sandbox."""
    from iipastro.images import catalog as module

    walked = []

    def noted(root, name, follow):
        walked.append(name)
        return open_inside(root, name, follow)

    monkeypatch.setattr(module, "open_inside", noted)
    return walked


def test_an_unchanged_file_is_not_walked_to_again(catalog, write_tiff, ramp, tmp_path, walks):
    (tmp_path / "a" / "b").mkdir(parents=True)
    write_tiff([ramp(20, 30)]).rename(tmp_path / "a" / "b" / "image.tif")
    ours = catalog()
    first = ours.open("a/b/image.tif").source
    assert [ours.open("a/b/image.tif").source for _ in range(3)] == [first] * 3
    assert walks == ["a/b/image.tif"]
    first.read_tile(0, 0)


@pytest.mark.parametrize("change", ["chmod", "touch", "rename", "grow", "replace", "folder"])
def test_whatever_changes_a_file_is_seen(catalog, write_tiff, ramp, tmp_path, walks, change):
    (tmp_path / "a").mkdir()
    path = write_tiff([ramp(20, 30)]).rename(tmp_path / "a" / "image.tif")
    ours = catalog()
    ours.open("a/image.tif")
    if change == "chmod":
        path.chmod(0o640)
    elif change == "touch":
        os.utime(path, ns=(1, 1))
    elif change == "rename":
        path.rename(tmp_path / "a" / "other.tif").rename(path)
    elif change == "grow":
        path.write_bytes(path.read_bytes() + b"x")
    elif change == "replace":
        write_tiff([ramp(20, 30)]).rename(path)
    else:
        path.parent.rename(tmp_path / "b")
        (tmp_path / "a").mkdir()
        shutil.copy(tmp_path / "b" / "image.tif", path)
    ours.open("a/image.tif")
    assert walks == ["a/image.tif"] * 2


def test_a_folder_that_moves_out_of_the_root_takes_its_files_along(
    write_tiff, ramp, tmp_path
):  # operations.md R21
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "a").mkdir(parents=True)
    write_tiff([ramp(20, 30)]).rename(root / "a" / "image.tif")
    ours = Catalog(str(root))
    ours.open("a/image.tif")
    (root / "a").rename(outside)
    (root / "a").symlink_to(outside)
    with pytest.raises(NotFound):
        ours.open("a/image.tif")
    ours.close()


def test_a_file_that_becomes_a_link_to_itself_elsewhere_is_gone(write_tiff, ramp, tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    write_tiff([ramp(20, 30)]).rename(root / "image.tif")
    ours = Catalog(str(root))
    ours.open("image.tif")
    (root / "image.tif").rename(tmp_path / "image.tif")
    (root / "image.tif").symlink_to(tmp_path / "image.tif")
    with pytest.raises(NotFound):
        ours.open("image.tif")
    ours.close()


def test_behind_a_link_every_open_walks(catalog, write_tiff, ramp, tmp_path, walks):
    path = write_tiff([ramp(20, 30)])
    (tmp_path / "link.tif").symlink_to(path.name)
    ours = catalog()
    sources = {id(ours.open("link.tif").source) for _ in range(3)}
    assert len(sources) == 1
    assert walks == ["link.tif"] * 3


def test_a_deleted_file_is_gone_at_once(catalog, write_tiff, ramp):
    path = write_tiff([ramp(20, 30)])
    ours = catalog()
    ours.open("image.tif")
    path.unlink()
    with pytest.raises(NotFound):
        ours.open("image.tif")


def test_a_look_keeps_an_image_among_those_used_last(catalog, write_tiff, ramp, walks):
    ours = catalog(open_images=2)
    for number in range(3):
        write_tiff([ramp(20, 30)], name=f"{number}.tif")
    for name in ("0.tif", "1.tif", "0.tif", "2.tif", "0.tif"):
        ours.open(name)
    assert walks == ["0.tif", "1.tif", "2.tif"]


def test_an_image_that_was_closed_for_others_is_opened_again(catalog, write_tiff, ramp):
    ours = catalog(open_images=1)
    for name in ("a.tif", "b.tif"):
        write_tiff([ramp(20, 30)], name=name)
    for name in ("a.tif", "b.tif", "a.tif"):
        ours.open(name).source.read_tile(0, 0)


def opened_again(ours, names):
    """Open images twice, and return those that are opened anew the second time."""
    first = [ours.open(name).source for name in names]
    return [name for name, one in zip(names, first, strict=True) if ours.open(name).source != one]


def test_no_more_images_stay_open_than_fit_into_their_memory(
    catalog, write_tiff, ramp, monkeypatch
):
    names = [f"{number}.tif" for number in range(4)]
    for name in names:
        write_tiff([ramp(20, 30)], name=name)
    ours = catalog()
    each = memory_of(ours.open(names[0]).source.info)
    monkeypatch.setattr("iipastro.images.catalog.MOST_MEMORY", 2 * each)
    assert opened_again(ours, names[:2]) == []
    assert opened_again(ours, names[1:]) == names[1:]


def test_one_image_stays_open_however_large_its_texts_are(catalog, write_tiff, ramp, monkeypatch):
    monkeypatch.setattr("iipastro.images.catalog.MOST_MEMORY", 1)
    write_tiff([ramp(20, 30)])
    ours = catalog()
    assert ours.open("image.tif").source is ours.open("image.tif").source
    ours.open("image.tif").source.read_tile(0, 0)


def test_fits_files_count_as_more_than_they_take_for_the_sake_of_their_levels(
    catalog, write_fits, ramp, monkeypatch
):
    names = [f"{number}.fits" for number in range(3)]
    for name in names:
        write_fits(ramp(20, 30)[..., 0], name=name)
    ours = catalog()
    each = memory_of(ours.open(names[0]).source.info)
    monkeypatch.setattr("iipastro.images.catalog.MOST_MEMORY", 2 * (each + (36 << 10)))
    assert opened_again(ours, names[:2]) == []
    monkeypatch.setattr("iipastro.images.catalog.MOST_MEMORY", 2 * (each + (36 << 10)) - 1)
    assert opened_again(ours, names[1:]) == names[1:]


def test_images_that_are_closed_make_room_for_others(catalog, write_tiff, ramp, tmp_path):
    ours = catalog()
    for _ in range(3):
        write_tiff([ramp(20, 30)], name="new.tif").rename(tmp_path / "image.tif")
        each = memory_of(ours.open("image.tif").source.info)
        assert ours._memory == each
    ours.close()
    assert ours._memory == 0


def test_no_more_images_stay_open_than_have_descriptors(catalog, write_tiff, ramp):
    names = [f"{number}.tif" for number in range(3)]
    for name in names:
        write_tiff([ramp(20, 30)], name=name)
    ours = catalog(open_images=100, descriptors=2)
    assert opened_again(ours, names[:2]) == []
    assert opened_again(ours, names) == names


def test_a_fits_file_and_its_levels_have_a_descriptor_each(
    catalog, write_fits, ramp, descriptors, tmp_path
):
    names = [f"{number}.fits" for number in range(5)]
    for name in names:
        write_fits(ramp(600, 300)[..., 0], name=name)
    levels = FitsOptions(cache=LevelCache(str(tmp_path / "levels"), 1 << 30))
    ours, before = catalog(descriptors=4, fits=levels), descriptors()
    for name in names:
        source = ours.open(name).source
        source.read_tile(0, 0)
        assert descriptors() <= before + 4
    assert opened_again(ours, names[3:]) == []
    assert opened_again(ours, names[2:]) == names[2:]


def test_one_image_stays_open_where_there_are_no_descriptors(catalog, write_tiff, ramp):
    write_tiff([ramp(20, 30)])
    ours = catalog(descriptors=-100)
    assert ours.open("image.tif").source is ours.open("image.tif").source


def test_unpacked_tiles_are_kept_where_there_is_a_place(catalog, write_tiff, ramp):
    tiles = Shelf()
    write_tiff([ramp(20, 30)], {259: ("H", [8])}, packed=zlib.compress)
    ours = catalog(tiles=tiles)
    tile = ours.open("image.tif").source.read_tile(0, 0)
    assert list(tiles.values()) == [tile]
    assert ours.open("image.tif").source.read_tile(0, 0) is tile


# ---- files that are still being written


class Shelf(dict):
    """A place for tiles."""

    def put(self, key, value):
        self[key] = value


def test_a_file_is_settled_two_seconds_after_its_last_change(catalog, write_tiff, ramp):
    path = write_tiff([ramp(20, 30)])
    ours = catalog()
    assert ours.open("image.tif").settled
    os.utime(path)
    assert not ours.open("image.tif").settled
    ahead = time.time_ns() + 10**9  # by the clock of another machine
    os.utime(path, ns=(ahead, ahead))
    assert not ours.open("image.tif").settled


def test_what_was_read_of_a_new_file_is_read_again_when_it_has_settled(
    catalog, write_tiff, ramp, monkeypatch
):
    path = write_tiff([ramp(20, 30)], {259: ("H", [8])}, packed=zlib.compress)
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)
    os.utime(path, ns=(10**18, 10**18))
    tiles = Shelf()
    ours = catalog(tiles=tiles)
    first = ours.open("image.tif").source
    first.read_tile(0, 0)
    os.utime(path, ns=(10**18, 10**18))  # another content may lie under the same time
    assert not tiles
    monkeypatch.setattr(time, "time_ns", lambda: 10**18 + 2 * 10**9)
    second = ours.open("image.tif")
    assert second.settled
    assert second.source is not first
    second.source.read_tile(0, 0)
    assert len(tiles) == 1
    assert ours.open("image.tif").source is second.source


@pytest.mark.parametrize("reads", range(1, 6))
def test_a_file_rewritten_while_it_is_opened_is_noticed_at_the_next_request(
    catalog, write_tiff, ramp, monkeypatch, reads
):
    path = write_tiff([ramp(20, 30)])
    new = write_tiff([ramp(40, 50)], name="new").read_bytes()
    read, count = os.pread, iter(range(1, 1000))

    def reading(*arguments):
        content = read(*arguments)
        if next(count) == reads:
            path.write_bytes(new)
        return content

    monkeypatch.setattr(os, "pread", reading)
    ours = catalog()
    with contextlib.suppress(Refused):
        ours.open("image.tif")
    assert next(count) > reads
    for _ in range(2):
        assert ours.open("image.tif").source.info.full == (50, 40)
