from __future__ import annotations

import fcntl
import os
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from iipastro.errors import Busy
from iipastro.geometry import Size
from iipastro.images import level_cache
from iipastro.images.level_cache import MAX_HELD, BeingMade, CannotKeep, LevelCache
from iipastro.images.level_file import LevelFacts
from iipastro.images.source import Identity, Range


def facts_of(number=0, side=8):
    """Facts of an image; levels of side 8 take 4096 + 256 bytes."""
    return LevelFacts(
        Identity(1, number, 3, 4), 0, None, (Size(side, side),), 1, np.dtype("f4"), side,
        (Range(0.0, 1.0),),
    )  # fmt: skip


ONE = 4096 + 256


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def cache(folder):
    """Return a function that makes a cache, as each worker does; closed afterwards."""
    made = []

    def build(most=1 << 20, place=folder):
        made.append(LevelCache(str(place), most))
        return made[-1]

    yield build
    for one in made:
        one.close()


def make(cache, number=0, side=8, value=1.0):
    file = cache.begin(facts_of(number, side))
    file.start()
    file.write(0, 0, np.full((side, side, 1), value, "f4"))
    cache.keep(file)
    file.close()


def value_of(cache, number=0):
    file = cache.open(facts_of(number))
    if file is None:
        return None
    given = file.read(0, 0, slice(None))[0, 0, 0]
    if not file.in_memory:
        file.close()
    return given


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_one_worker_makes_another_one_finds(cache, folder):
    make(cache(), value=7)
    assert value_of(cache()) == 7
    assert names(folder) == ["1-0-3-4-0-all.levels"]


def test_what_is_not_there_is_not_found(cache):
    assert cache().open(facts_of()) is None


def test_a_file_has_no_name_before_it_is_whole(cache, folder):
    ours = cache()
    file = ours.begin(facts_of())
    assert names(folder) == ["1-0-3-4-0-all.part"]
    assert value_of(cache()) is None
    ours.drop(file)
    assert names(folder) == []
    assert file.closed


def test_two_workers_do_not_make_the_same(cache):
    ours = cache()
    file = ours.begin(facts_of())
    for other in (ours, cache()):
        with pytest.raises(BeingMade):
            other.begin(facts_of())
    make(cache(), number=1)
    ours.drop(file)
    make(cache())


def test_what_was_made_just_now_is_not_made_again(cache, descriptors):
    make(cache())
    before = descriptors()
    with pytest.raises(BeingMade):
        cache().begin(facts_of())
    assert descriptors() == before


def test_what_a_dead_worker_left_is_removed(cache, folder):
    folder.mkdir()
    for name in ("1-0-3-4-0-all.part", "other.part"):
        (folder / name).write_bytes(b"half")
    (folder / "notes").write_text("not ours")
    make(cache(), value=5)
    assert value_of(cache()) == 5
    assert names(folder) == ["1-0-3-4-0-all.levels", "notes"]


def test_what_a_living_worker_makes_is_left_alone(cache, folder):
    folder.mkdir()
    (folder / "other.part").write_bytes(b"half")
    with (folder / "other.part").open("rb") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        make(cache())
        assert "other.part" in names(folder)


@pytest.mark.parametrize(
    "damage", [lambda path: os.truncate(path, 4097), lambda path: path.write_bytes(b"")]
)
def test_a_damaged_file_is_made_anew(cache, folder, damage):
    make(cache())
    damage(folder / "1-0-3-4-0-all.levels")
    assert value_of(cache()) is None
    make(cache(), value=9)
    assert value_of(cache()) == 9


@pytest.fixture
def hold_folder(folder):
    """Return a function that locks the folder, and gives what unlocks it when closed."""
    held = []

    def hold():
        folder.mkdir(exist_ok=True)
        held.append(os.open(folder, os.O_RDONLY))
        fcntl.flock(held[-1], fcntl.LOCK_EX)
        return lambda: os.close(held.pop())

    yield hold
    for descriptor in held:
        os.close(descriptor)


def test_a_locked_folder_is_waited_for_as_long_as_is_said(cache, hold_folder, descriptors):
    let_go, ours = hold_folder(), cache()
    before, start = descriptors(), time.monotonic()
    with pytest.raises(Busy, match="in use"):
        ours.begin(facts_of(), start + 0.2)
    assert 0.2 <= time.monotonic() - start < 1
    assert descriptors() == before
    threading.Timer(0.1, let_go).start()
    ours.drop(ours.begin(facts_of(), time.monotonic() + 5))


def test_what_cannot_be_removed_now_is_litter_for_the_next_one(cache, hold_folder, folder):
    ours = cache()
    file = ours.begin(facts_of())
    let_go = hold_folder()
    ours.drop(file)
    assert names(folder) == ["1-0-3-4-0-all.part"]
    let_go()
    make(cache())
    assert names(folder) == ["1-0-3-4-0-all.levels"]


def test_room_is_taken_while_others_may_use_the_folder(cache, hold_folder, monkeypatch):
    took = []

    def take(*_):
        hold_folder()()  # which would wait for ever if it were locked by another
        took.append(True)

    monkeypatch.setattr(os, "posix_fallocate", take)
    ours = cache(2 * ONE)
    files = [ours.begin(facts_of(number)) for number in (1, 2)]
    with pytest.raises(CannotKeep):  # room that is not taken yet counts
        ours.begin(facts_of(3))
    for file in files:
        ours.drop(file)
    assert took == [True, True]


def used_at(folder, number, seconds):
    """Set when a file was used: lately, so that reading it does not count by itself."""
    now = time.time() - 1000
    os.utime(folder / f"1-{number:x}-3-4-0-all.levels", (now + seconds, now))


def test_the_least_recently_used_files_go_first(cache, folder):
    ours = cache(3 * ONE)
    for number in (1, 2, 3):
        make(ours, number)
        used_at(folder, number, number)
    assert value_of(ours, 1) == 1  # and is the last used now
    used = (folder / "1-1-3-4-0-all.levels").stat()
    assert min(used.st_atime, used.st_mtime) > time.time() - 100  # on disks without atime, too
    make(ours, 4)
    assert [number for number in (1, 2, 3, 4) if value_of(ours, number)] == [1, 3, 4]


def test_to_touch_is_to_use(cache, folder):
    ours = cache(2 * ONE)
    for number in (1, 2):
        make(ours, number)
        used_at(folder, number, number)
    ours.touch(facts_of(1))
    make(ours, 3)
    assert [number for number in (1, 2, 3) if value_of(ours, number)] == [1, 3]


def test_the_folder_never_takes_more_than_it_may(cache, folder):
    ours = cache(2 * ONE)
    files = [ours.begin(facts_of(number)) for number in (1, 2)]
    with pytest.raises(CannotKeep):
        cache(2 * ONE).begin(facts_of(3))
    for file in files:
        ours.drop(file)
    with pytest.raises(CannotKeep):
        ours.begin(facts_of(4, side=64))
    assert names(folder) == []


def test_nothing_is_removed_where_that_would_not_be_enough(cache, folder):
    ours = cache(3 * ONE)
    make(ours, 1)
    files = [ours.begin(facts_of(number)) for number in (2, 3)]
    with pytest.raises(CannotKeep):
        ours.begin(facts_of(4, side=33))  # 4096 + 4356 bytes: too much even without the first
    assert value_of(ours, 1) == 1
    for file in files:
        ours.drop(file)


def test_a_removed_file_is_read_on_by_those_who_have_it_open(cache, folder):
    make(cache(), value=3)
    file = cache().open(facts_of())
    os.unlink(folder / "1-0-3-4-0-all.levels")
    assert file.read(0, 0, slice(None)).mean() == 3
    file.close()


def test_a_removed_file_that_lies_idle_is_let_go_when_another_is_opened(
    cache, folder, monkeypatch, descriptors
):
    ours, before = cache(), descriptors()
    for number in (1, 2):
        make(ours, number)
    files = [ours.open(facts_of(number)) for number in (1, 2)]
    os.unlink(folder / "1-1-3-4-0-all.levels")
    ours.open(facts_of(3))
    assert [file.closed for file in files] == [False, False]  # it was in use just now
    monkeypatch.setattr(level_cache, "IDLE", 0.0)
    ours.open(facts_of(3))
    assert [file.closed for file in files] == [True, False]
    files[1].close()
    assert descriptors() == before


def test_a_link_is_not_followed(cache, folder, tmp_path):
    make(cache(place=tmp_path / "elsewhere"), value=3)
    folder.mkdir()
    name = "1-0-3-4-0-all.levels"
    (folder / name).symlink_to(tmp_path / "elsewhere" / name)
    assert value_of(cache()) is None


@pytest.mark.parametrize("what", ["no folder", "a file", "no size", "missing above"])
def test_a_folder_that_cannot_be_used_is_told_once(cache, folder, tmp_path, caplog, what):
    (tmp_path / "file").write_text("")
    place = {"no folder": "", "a file": tmp_path / "file", "missing above": tmp_path / "a" / "b"}
    ours = cache(0 if what == "no size" else 1 << 20, place.get(what, folder))
    for _ in range(3):
        assert value_of(ours) is None
        with pytest.raises(CannotKeep):
            ours.begin(facts_of())
    assert len(caplog.records) == (what != "no folder")


def test_a_full_disk_is_noticed_before_the_work(cache, folder, caplog):
    with pytest.raises(CannotKeep):
        cache(1 << 62).begin(replace(facts_of(), sizes=(Size(1 << 24, 1 << 24),)))
    assert names(folder) == []
    assert "cannot be kept" in caplog.text


def test_levels_may_be_held_in_memory(cache, descriptors):
    ours, before = cache(place=""), descriptors()
    file = ours.begin_in_memory(facts_of())
    file.start()
    file.write(0, 0, np.full((8, 8, 1), 6, "f4"))
    assert value_of(ours) is None
    ours.hold(file)
    assert value_of(ours) == value_of(ours) == 6
    ours.close()
    assert file.closed
    assert descriptors() == before


def test_memory_is_bounded(cache):
    ours, side = cache(place=""), 2500
    assert ours.begin_in_memory(facts_of(side=4000)) is None
    files = [ours.begin_in_memory(facts_of(number, side)) for number in (1, 2, 3)]
    assert 2 * files[0].facts.length < MAX_HELD < 3 * files[0].facts.length
    for file in files:
        ours.hold(file)
    ours.open(facts_of())
    assert [file.closed for file in files] == [True, False, False]
