from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from iipastro.errors import NotFound, Unreadable
from iipastro.geometry import Size
from iipastro.images.level_file import LevelFacts, LevelFile, read_facts
from iipastro.images.source import Identity, Range

FACTS = LevelFacts(
    identity=Identity(1, 2, 3, -4),
    hdu=10,
    plane=None,
    sizes=(Size(20, 13), Size(10, 6)),
    channels=2,
    dtype=np.dtype("f4"),
    tile=8,
    cuts=(Range(-0.1, 1e30), Range(0.0, 5.5)),
)


@pytest.fixture
def new_file(tmp_path):
    """Return a function that makes a file of levels in tmp_path; closed afterwards."""
    files = []

    def made(facts=FACTS):
        descriptor = os.open(tmp_path / "levels", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        files.append(LevelFile(descriptor, facts))
        return files[-1]

    yield made
    for file in files:
        file.close()


def pixels_of(number, facts=FACTS):
    width, height = facts.sizes[number]
    row, column, channel = np.mgrid[:height, :width, : facts.channels]
    return (1000.5 * number + 100 * row + column + 10000 * channel).astype(facts.dtype)


def fill(file, step=5):
    file.start()
    for number, size in enumerate(file.facts.sizes):
        for top in range(0, size.height, step):
            file.write(number, top, pixels_of(number, file.facts)[top : top + step])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("step", [1, 5, 8, 20])
def test_every_tile_is_a_crop_of_what_was_written(new_file, step, dtype):
    file = new_file(replace(FACTS, dtype=np.dtype(dtype)))
    fill(file, step)
    for number, columns, count in ((0, 3, 6), (1, 2, 2)):
        for index in range(count):
            top, left = index // columns * 8, index % columns * 8
            expected = pixels_of(number, file.facts)[top : top + 8, left : left + 8]
            given = file.read(number, index, slice(None))
            np.testing.assert_array_equal(given, expected)
            assert given.dtype == np.dtype(dtype)
            np.testing.assert_array_equal(file.read(number, index, slice(2, 4)), expected[2:4])
    assert file.read(0, 0, slice(3, 3)).shape == (0, 8, 2)
    with pytest.raises(NotFound):
        file.read(0, 6, slice(None))


def test_a_whole_file_has_the_length_that_was_told(new_file, tmp_path):
    fill(new_file())
    # two channels of four bytes, behind one page of header
    assert FACTS.length == 4096 + (20 * 13 + 10 * 6) * 8
    assert (tmp_path / "levels").stat().st_size == FACTS.length


def test_the_header_tells_what_the_file_is(new_file, tmp_path):
    fill(new_file())
    lines = (tmp_path / "levels").read_bytes()[:4096].split(b"\n")
    assert lines[0] == b"iipastro levels 1"
    assert b'"source": [1, 2, 3, -4]' in lines[1]
    assert lines[2].strip() == b""


def test_a_name_belongs_to_one_image():
    assert FACTS.key == "1-2-3--4-10-all"
    others = [replace(FACTS, plane=1), replace(FACTS, hdu=1), replace(FACTS, plane=3, hdu=1)]
    others += [replace(FACTS, identity=FACTS.identity._replace(modified_ns=4))]
    assert len({facts.key for facts in [FACTS, *others]}) == 5


def facts_in(path, wanted):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return read_facts(descriptor, wanted)
    finally:
        os.close(descriptor)


def test_the_cuts_are_kept_in_the_file(new_file, tmp_path):
    fill(new_file())
    assert facts_in(tmp_path / "levels", replace(FACTS, cuts=())) == FACTS


@pytest.mark.parametrize(
    "other",
    [
        {"identity": Identity(1, 2, 3, 4)},
        {"hdu": 9},
        {"plane": 1},
        {"sizes": (Size(13, 20), Size(6, 10))},
        {"channels": 1},
        {"dtype": np.dtype("f8")},
        {"tile": 16},
    ],
)
def test_a_file_of_another_image_is_not_taken(new_file, tmp_path, other):
    fill(new_file())
    assert facts_in(tmp_path / "levels", replace(FACTS, **other)) is None


def test_a_file_with_too_few_cuts_is_not_taken(new_file, tmp_path):
    fill(new_file(replace(FACTS, cuts=FACTS.cuts[:1])))
    assert facts_in(tmp_path / "levels", FACTS) is None


@pytest.mark.parametrize("length", [0, 10, 100, 4095, 4096, FACTS.length - 1, FACTS.length + 1])
def test_a_file_of_another_length_is_not_taken(new_file, tmp_path, length):
    fill(new_file())
    os.truncate(tmp_path / "levels", length)
    assert facts_in(tmp_path / "levels", FACTS) is None


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{}", b'{"cuts": 3}', b'{"cuts": [[1]]}', b"[" * 100000, b"\xff"]
)
def test_a_header_of_rubbish_is_not_taken(tmp_path, line):
    (tmp_path / "levels").write_bytes((b"iipastro levels 1\n" + line + b"\n").ljust(FACTS.length))
    assert facts_in(tmp_path / "levels", FACTS) is None


def test_a_file_cut_short_while_it_is_open_is_an_error(new_file, tmp_path):
    file = new_file()
    fill(file)
    os.truncate(tmp_path / "levels", 5000)
    with pytest.raises(Unreadable):
        file.read(1, 0, slice(None))


def test_a_file_is_closed_once(new_file, descriptors):
    file, before = new_file(), descriptors()
    file.close()
    file.close()
    assert file.closed
    assert descriptors() == before - 1
