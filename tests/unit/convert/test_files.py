from __future__ import annotations

import gzip
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from iipastro.convert.files import open_file
from iipastro.convert.source import ConvertError

DATA = bytes(range(256)) * 40


@pytest.fixture(name="plain")
def _plain(tmp_path):
    path = tmp_path / "a.fits"
    path.write_bytes(DATA)
    return str(path)


@pytest.fixture(name="packed")
def _packed(tmp_path):
    path = tmp_path / "a.fits.gz"
    path.write_bytes(gzip.compress(DATA))
    return str(path)


@pytest.fixture(name="opened", params=["plain", "packed"])
def _opened(request, tmp_path):
    file = open_file(request.getfixturevalue(request.param), str(tmp_path))
    yield file
    file.close()


def test_bytes_are_read_by_position(opened):
    assert opened.read(300, 4) == bytes([44, 45, 46, 47])
    assert opened.read(0, 2) == b"\x00\x01"
    assert opened.read(len(DATA) - 2, 10) == b"\xfe\xff"
    assert opened.read(len(DATA) + 5, 10) == b""


def test_buffers_are_filled_in_turn_however_many(opened):
    out = bytearray(len(DATA) - 3)
    view = memoryview(out)
    opened.read_into([view[at : at + 5] for at in range(0, len(out), 5)], 3)  # over IOV_MAX
    assert bytes(out) == DATA[3:]


def test_a_file_that_ends_too_early_is_refused(opened):
    opened.require(len(DATA), "a[0]")
    with pytest.raises(ConvertError, match=r"a\[0\]: truncated: its header asks for 10241 bytes"):
        opened.require(len(DATA) + 1, "a[0]")
    with pytest.raises(ConvertError, match=r"a\.fits.*ends"):
        opened.read_into([memoryview(bytearray(10))], len(DATA) - 5)


def test_threads_read_at_the_same_time(opened):
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda at: opened.read(at, 16), range(0, 9000, 7)))
    assert got == [DATA[at : at + 16] for at in range(0, 9000, 7)]


def test_the_path_opens_the_same_bytes(opened):
    opened.require(len(DATA), "a[0]")
    with open(opened.path, "rb") as other:
        assert other.read() == DATA


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("none", "No such file"), ("", "not a file"), ("pipe", "not a file")):
        with pytest.raises(ConvertError, match=why):
            open_file(str(tmp_path / name), "")
    with pytest.raises(ConvertError, match="null"):
        open_file("a\0b", "")


def test_no_name_is_left_in_the_scratch_folder(packed, tmp_path):
    file = open_file(packed, str(tmp_path))
    file.require(len(DATA), "a[0]")
    assert os.listdir(tmp_path) == ["a.fits.gz"]
    file.close()


def test_gzip_is_unpacked_no_further_than_asked(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(64 << 20)))
    file = open_file(str(path), str(tmp_path))
    assert file.read(0, 80) == bytes(80)
    assert os.stat(file.path).st_size == 80
    file.close()


def test_more_than_gzip_can_hold_is_refused_before_unpacking(packed):
    file = open_file(packed, "")
    with pytest.raises(ConvertError, match=r"a\[0\]: its header asks for 1000000000000 bytes"):
        file.require(10**12, "a[0]")
    assert os.stat(file.path).st_size == 0
    file.close()


def test_what_the_disk_cannot_hold_is_refused_before_unpacking(packed, monkeypatch):
    file = open_file(packed, "")
    real = os.statvfs("/")
    monkeypatch.setattr(
        os, "statvfs", lambda path: os.statvfs_result([*real[:3], 0, 0, *real[5:10]])
    )
    with pytest.raises(ConvertError, match=r"a\[0\]: no room to unpack 1200000 bytes"):
        file.require(1_200_000, "a[0]")
    file.close()


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_damaged_gzip_is_told(tmp_path, damage):
    packed = bytearray(gzip.compress(os.urandom(20_000)))
    if damage == "cut":
        del packed[9000:]
    else:
        packed[12] ^= 0xFF
    path = tmp_path / "bad.gz"
    path.write_bytes(packed)
    file = open_file(str(path), "")
    with pytest.raises(ConvertError, match=r"bad\.gz: (damaged gzip|truncated)"):
        file.require(20_000, "bad[0]")
    file.close()


def test_a_scratch_folder_that_is_not_there_is_told(packed, tmp_path):
    with pytest.raises(ConvertError, match="cannot unpack in"):
        open_file(packed, str(tmp_path / "none"))


def test_a_disk_that_gives_little_at_a_time_is_read_on(plain, monkeypatch):
    def seven(descriptor, buffers, start):
        some = os.pread(descriptor, min(7, len(buffers[0])), start)
        buffers[0][: len(some)] = some
        return len(some)

    monkeypatch.setattr(os, "preadv", seven)
    file = open_file(plain, "")
    out = bytearray(100)
    file.read_into([memoryview(out)[:30], memoryview(out)[30:]], 5)
    assert bytes(out) == DATA[5:105]
    file.close()
