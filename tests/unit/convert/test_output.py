"""Errors of an output name it."""

from __future__ import annotations

import errno
import os

import pytest

from iipastro.convert.output import whole_file
from iipastro.convert.source import ConvertError


def test_a_file_appears_when_it_is_whole(tmp_path):
    with whole_file(str(tmp_path / "a.ptif")) as file:
        file.write(b"new")
        assert os.listdir(tmp_path) == ["a.ptif.part"]
    assert (tmp_path / "a.ptif").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.ptif"]


def test_a_full_disk_is_told_with_the_name_of_the_file(tmp_path):
    path = str(tmp_path / "a.ptif")
    with pytest.raises(ConvertError) as caught, whole_file(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert str(caught.value) == f"{path}: No space left on device"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["folder", "gone/a.ptif", "pipe"])
def test_where_no_file_can_be_an_error_names_it(tmp_path, name):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ConvertError, match=name), whole_file(str(tmp_path / name)):
        pytest.fail("it was opened")
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_another_run_writes_is_named(tmp_path):
    path = str(tmp_path / "a.ptif")
    with whole_file(path), pytest.raises(ConvertError) as caught, whole_file(path):
        pytest.fail("two runs write one file")
    assert str(caught.value) == f"{path}: another run is writing it"
