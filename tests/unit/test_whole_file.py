"""A file appears whole or not at all."""

from __future__ import annotations

import errno
import os

import pytest

from iipastro.whole_file import names_of, whole_file


def content(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_file_appears_when_it_is_whole(tmp_path):
    with whole_file(str(tmp_path / "a.ptif")) as file:
        file.write(b"new")
        assert list(content(tmp_path)) == ["a.ptif.part"]
    assert content(tmp_path) == {"a.ptif": b"new"}


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, error):
    (tmp_path / "a.ptif").write_bytes(b"old")

    def write():
        with whole_file(str(tmp_path / "a.ptif")) as file:
            file.write(b"new")
            raise error

    with pytest.raises(error):
        write()
    assert content(tmp_path) == {"a.ptif": b"old"}


def test_a_full_disk_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="No space left"), whole_file(str(tmp_path / "a.ptif")):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert content(tmp_path) == {}


def test_all_is_on_the_disk_before_it_has_its_name_and_the_name_after(tmp_path, monkeypatch):
    steps, fsync, replace = [], os.fsync, os.replace

    def synced(descriptor):
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")
        assert os.fstat(descriptor).st_size >= 3
        fsync(descriptor)

    def replaced(*names):
        steps.append("name")
        replace(*names)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    with whole_file(str(tmp_path / "a.ptif")) as file:
        file.write(b"new")
    assert steps == ["file", "name", "folder"]


def test_what_a_killed_run_left_is_written_over(tmp_path):
    (tmp_path / "a.ptif.part").write_bytes(b"much more than the new file holds")
    with whole_file(str(tmp_path / "a.ptif")) as file:
        file.write(b"new")
    assert content(tmp_path) == {"a.ptif": b"new"}


def test_two_runs_do_not_write_one_file(tmp_path):
    path = str(tmp_path / "a.ptif")
    with whole_file(path) as file:
        file.write(b"first")
        with pytest.raises(OSError, match="another run is writing it"), whole_file(path):
            pytest.fail("two runs write one file")
    assert content(tmp_path) == {"a.ptif": b"first"}


def test_a_run_does_not_take_the_part_that_has_just_been_put_in_place(tmp_path, monkeypatch):
    """Between opening and locking, the run before renames what was opened."""
    path, opened = tmp_path / "a.ptif", os.open
    (tmp_path / "a.ptif.part").write_bytes(b"first")

    def late(name, *arguments):
        descriptor = opened(name, *arguments)
        if not path.exists():
            os.replace(f"{path}.part", path)
        return descriptor

    monkeypatch.setattr(os, "open", late)
    with whole_file(str(path)) as file:
        assert content(tmp_path)["a.ptif"] == b"first"
        file.write(b"second")
    assert content(tmp_path) == {"a.ptif": b"second"}


def test_a_part_that_never_stays_is_given_up(tmp_path, monkeypatch):
    opened = os.open

    def gone(name, *arguments):
        descriptor = opened(name, *arguments)
        os.unlink(name)
        return descriptor

    monkeypatch.setattr(os, "open", gone)
    with pytest.raises(OSError, match="other runs"), whole_file(str(tmp_path / "a.ptif")):
        pytest.fail("it was opened")


def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "real.ptif").write_bytes(b"old")
    (tmp_path / "a.ptif").symlink_to("store/real.ptif")
    with whole_file(str(tmp_path / "a.ptif")) as file:
        file.write(b"new")
    assert (tmp_path / "a.ptif").is_symlink()
    assert content(tmp_path / "store") == {"real.ptif": b"new"}


def test_a_planted_link_is_not_followed(tmp_path):
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "a.ptif.part").symlink_to("victim")
    with pytest.raises(OSError, match="symbolic links"), whole_file(str(tmp_path / "a.ptif")):
        pytest.fail("the link was followed")
    assert (tmp_path / "victim").read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("name", "message"), [("folder", "no file"), ("gone/a.ptif", "No such"), ("pipe", "no file")]
)
def test_where_no_file_can_be_is_an_error(tmp_path, name, message):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(OSError, match=message), whole_file(str(tmp_path / name)):
        pytest.fail("it was opened")
    assert sorted(tmp_path.iterdir()) == before


def test_the_umask_decides_who_may_read(tmp_path):
    before = os.umask(0o027)
    try:
        with whole_file(str(tmp_path / "a.ptif")):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "a.ptif").stat().st_mode & 0o777 == 0o640


def test_the_names_of_an_output_are_those_behind_its_links(tmp_path):
    (tmp_path / "a.ptif").symlink_to("b.ptif")
    real = str(tmp_path / "b.ptif")
    assert names_of(str(tmp_path / "a.ptif")) == (real, f"{real}.part")
