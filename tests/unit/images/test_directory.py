from __future__ import annotations

import os
import struct

import pytest

from iipastro.errors import Unreadable, Unservable
from iipastro.images.directory import open_file, read_exactly


@pytest.fixture
def opened(tmp_path):
    """Return a function that opens bytes as a TIFF file."""
    descriptors = []

    def opener(content):
        (tmp_path / "file").write_bytes(content)
        descriptors.append(os.open(tmp_path / "file", os.O_RDONLY))
        return open_file(descriptors[-1])

    yield opener
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture
def first(opened):
    """Return a function that gives the first directory of a writer's file."""
    return lambda writer: next(opened(bytes(writer.content)).directories())


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
def test_values_of_every_type_are_read_in_both_orders_inline_or_not(make, first, order, big):
    values = {
        1: ("B", [200]),
        2: ("b", [-3]),
        3: ("H", [65535, 1]),
        4: ("h", [-2]),
        5: ("I", [2**32 - 1]),
        6: ("i", [-(2**31)]),
        7: ("f", [0.5, -0.25, 3.0]),
        8: ("d", [1e300]),
        9: ("Q", [2**64 - 1]),
        10: ("H", list(range(40))),
    }
    writer = make.Writer(order, big)
    writer.chain(values)
    directory = first(writer)
    assert {code: directory.numbers(code) for code in values} == {
        code: tuple(numbers) for code, (_, numbers) in values.items()
    }


def test_a_fraction_is_divided_and_one_by_zero_is_not_a_number(make, first):
    writer = make.Writer()
    writer.chain({282: ("II", [72, 1, 1, 4]), 283: ("II", [1, 0])})
    directory = first(writer)
    assert directory.numbers(282) == (72.0, 0.25)
    assert str(directory.numbers(283)) == "(nan,)"


def test_an_empty_fraction_is_no_number(make, first):
    writer = make.Writer()
    writer.chain({282: ("II", [])})
    assert first(writer).numbers(282) == ()


def test_text_is_bytes_and_numbers_are_not(make, first):
    writer = make.Writer()
    writer.chain({270: ("s", b"M 51\0"), 305: ("H", [1])})
    directory = first(writer)
    assert directory.content(270) == b"M 51\0"
    assert directory.content(305) == b""
    assert directory.content(306) == b""
    assert directory.numbers(270) == ()


def test_a_number_that_must_be_there_is_missed_by_its_tag(make, first):
    writer = make.Writer()
    writer.chain({256: ("f", [1.0]), 257: ("H", [])})
    directory = first(writer)
    for code in (256, 257, 258):
        with pytest.raises(Unservable, match=f"TIFF tag {code}"):
            directory.number(code)
    for code in (256, 257):
        with pytest.raises(Unservable, match=f"TIFF tag {code}"):
            directory.integers(code, (1,))
    assert directory.number(258, 1) == 1
    assert directory.integers(258, (1,)) == (1,)


def test_a_tag_of_an_unknown_type_is_passed_over(make, first):
    writer = make.Writer()
    at = writer.chain({256: ("H", [7]), 257: ("H", [8])})
    struct.pack_into("<H", writer.content, at + 2 + 2, 99)
    directory = first(writer)
    assert list(directory.tags) == [257]


@pytest.mark.parametrize(("letter", "count"), [("H", 1), ("H", 2), ("H", 3), ("I", 1), ("I", 9)])
@pytest.mark.parametrize("order", "<>")
def test_a_table_is_read_entry_by_entry(make, first, letter, count, order):
    writer = make.Writer(order)
    writer.chain({324: (letter, [500 + n for n in range(count)])})
    table = first(writer).array(324, count)
    assert [table.entry(index) for index in range(count)] == [500 + n for n in range(count)]


@pytest.mark.parametrize(("count", "reads"), [(4096, 1), (4097, 3)])
def test_a_short_table_is_read_once(make, first, monkeypatch, count, reads):
    writer = make.Writer()
    writer.chain({324: ("I", list(range(count)))})
    table, read, pread = first(writer).array(324, count), [], os.pread
    monkeypatch.setattr(os, "pread", lambda *what: read.append(what) or pread(*what))
    assert [table.entry(index) for index in (7, 0, count - 1)] == [7, 0, count - 1]
    assert len(read) == reads


def test_locating_a_table_reads_none_of_it(make, first, monkeypatch):
    writer = make.Writer()
    writer.chain({324: ("I", list(range(100_000)))})
    directory, read = first(writer), []
    monkeypatch.setattr(os, "pread", lambda *arguments: read.append(arguments))
    directory.array(324, 100_000)
    assert read == []


def test_a_table_must_be_long_enough_and_in_the_file(make, first):
    writer = make.Writer()
    at = writer.chain({324: ("I", [1, 2, 3]), 325: ("f", [1.0])})
    with pytest.raises(Unservable, match="tag 324 is too short"):
        first(writer).array(324, 4)
    struct.pack_into("<I", writer.content, at + 2 + 8, len(writer.content) - 8)
    with pytest.raises(Unservable, match="tag 324 is too short"):
        first(writer).array(324, 3)
    with pytest.raises(Unservable, match="tag 325 is missing or no table"):
        first(writer).array(325, 1)


def test_directories_that_form_a_loop_are_refused(make, opened):
    writer = make.Writer()
    start = writer.chain({256: ("H", [1])})
    writer.chain({256: ("H", [2])})
    struct.pack_into("<I", writer.content, writer.next_at, start)
    with pytest.raises(Unservable, match="loop"):
        list(opened(bytes(writer.content)).directories())


def test_sixty_four_directories_are_read_and_one_more_is_refused(make, opened):
    writer = make.Writer()
    for _ in range(64):
        writer.chain({256: ("H", [1])})
    assert len(list(opened(bytes(writer.content)).directories())) == 64
    writer.chain({256: ("H", [1])})
    with pytest.raises(Unservable, match="more than 64 directories"):
        list(opened(bytes(writer.content)).directories())


def test_sub_directories_are_found_and_bounded(make, first):
    writer = make.Writer()
    below = [writer.directory({256: ("H", [n])}) for n in (5, 4)]
    writer.chain({330: ("I", below)})
    assert [child.number(256) for child in first(writer).children()] == [5, 4]
    writer = make.Writer()
    writer.chain({330: ("I", [8] * 64)})
    with pytest.raises(Unservable, match="more than 64 directories"):
        list(first(writer).children())


def test_a_tag_that_holds_too_much_is_refused(make, first):
    writer = make.Writer()
    at = writer.chain({270: ("s", bytes(100)), 340: ("B", [0] * 100)})
    struct.pack_into("<I", writer.content, at + 2 + 4, (16 << 20) + 1)
    struct.pack_into("<I", writer.content, at + 2 + 12 + 4, 65537)
    directory = first(writer)
    with pytest.raises(Unservable, match="more than 16 MiB"):
        directory.content(270)
    with pytest.raises(Unservable, match="more than 65536 numbers"):
        directory.numbers(340)


DAMAGED = [
    (b"", "not a TIFF file"),
    (b"II*\0", "not a TIFF file"),
    (b"XX*\0" + bytes(20), "not a TIFF file"),
    (b"II\x2c\0" + bytes(20), "not a TIFF file"),
    (b"II+\0\x04\0\0\0" + bytes(20), "header of the BigTIFF file is damaged"),
    (b"II*\0" + bytes(20), "no directory"),
    (b"II*\0\x10\0\0\0" + bytes(6), "beyond its own end"),
    (b"II*\0\xff\xff\xff\xff" + bytes(20), "beyond its own end"),
    (b"II+\0\x08\0\0\0" + b"\xff" * 8 + bytes(20), "beyond its own end"),
    (b"II*\0\x08\0\0\0\x01\x10" + bytes(20), "more than 4096 tags"),
    (b"II*\0\x08\0\0\0\x09\0" + bytes(20), "beyond its own end"),
]


@pytest.mark.parametrize(("content", "message"), DAMAGED)
def test_damage_is_named(opened, content, message):
    with pytest.raises(Unservable, match=message):
        list(opened(content).directories())


def test_a_file_cut_short_after_it_was_opened_is_unreadable(tmp_path):
    (tmp_path / "file").write_bytes(bytes(100))
    descriptor = os.open(tmp_path / "file", os.O_RDONLY)
    assert read_exactly(descriptor, 90, 10) == bytes(10)
    os.truncate(tmp_path / "file", 95)
    with pytest.raises(Unreadable, match="cut short"):
        read_exactly(descriptor, 90, 10)
    os.close(descriptor)
    with pytest.raises(Unreadable, match="cannot be read now"):
        read_exactly(descriptor, 90, 10)


def test_short_values_are_read_with_their_directory(make, first, monkeypatch):
    writer = make.Writer()
    writer.chain({256: ("I", [7]), 270: ("B", [65, 66])})
    directory = first(writer)
    monkeypatch.setattr(os, "pread", None)
    assert directory.number(256) == 7
    assert directory.numbers(270) == (65, 66)
