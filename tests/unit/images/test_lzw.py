from types import FunctionType

import imagecodecs
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from iipastro.images import lzw


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    lzw.warm_up()


def packed(codes, width=lambda number: 9):
    """Codes of nine bits, or of so many by their number, the highest bit first, as bytes."""
    bits = "".join(f"{code:0{width(number)}b}" for number, code in enumerate(codes))
    return int(bits + "0" * (-len(bits) % 8), 2).to_bytes(-(-len(bits) // 8), "big")


def test_by_hand():
    """258 is 7 8, 259 is 8 7, for what is new begins as what was before (TIFF 6.0 p. 60)."""
    codes = (256, 7, 8, 258, 259, 257)
    assert lzw.unpack(packed(codes), 99).tolist() == [7, 8, 7, 8, 8, 7]


def test_a_code_that_is_cut_short_is_none():
    whole = packed((256, 7, 8))
    assert lzw.unpack(whole, 99).tolist() == [7, 8]
    assert lzw.unpack(whole[:-1], 99).tolist() == [7]


def test_a_string_may_repeat_itself_before_it_is_known():
    """After 7, code 258 stands for 7 7; then 259 for 7 7 7 (TIFF 6.0 p. 61)."""
    assert lzw.unpack(packed((256, 7, 258, 259, 257)), 99).tolist() == [7] * 6


def test_clear_empties_the_table_also_several_times():
    assert lzw.unpack(packed((256, 256, 1, 2, 256, 3, 256, 256, 4, 257)), 99).tolist() == [
        1,
        2,
        3,
        4,
    ]


def test_it_ends_at_what_has_no_meaning():
    for codes in ((256, 1, 300, 2, 257), (256, 1, 2, 260), (1, 2, 257, 3), (256, 258)):
        made = lzw.unpack(packed(codes), 99).tolist()
        assert made == [code for code in codes if code < 256][: len(made)]
        assert len(made) < 3


@pytest.mark.parametrize("size", [0, 1, 5, 4104, 4105, 4106, 99_999, 100_000, 100_001])
def test_no_more_is_made_than_there_is_or_than_is_wanted(size):
    content = bytes(100_000)  # strings become long: the last one goes far over the end
    made = lzw.unpack(imagecodecs.lzw_encode(content), size)
    assert made.tobytes() == content[:size]


# ---- nothing is touched out of bounds


@pytest.fixture(scope="module")
def plain():
    """The functions not compiled: there an index out of bounds is an error."""
    names = dict(vars(lzw))
    for name, function in vars(lzw).items():
        if hasattr(function, "py_func"):
            names[name] = FunctionType(function.py_func.__code__, names)
    return names


def test_strings_that_find_no_room_in_a_full_table_are_not_kept(plain):
    """With the n-th code comes entry 257 + n; after 511, 1023 and 2047, codes are longer."""
    literals = [number * 7 % 256 for number in range(5000)]
    codes = [256, *literals, 257]
    content = packed(codes, lambda number: min(12, (257 + number).bit_length()))
    room = np.empty(5000 + 9 + lzw.SLACK, dtype=np.uint8)
    made = plain["fill"](np.frombuffer(content + bytes(8), dtype=np.uint8), room)
    assert room[: int(made)].tolist() == literals
    assert lzw.unpack(content, 5009).tolist() == literals


@pytest.mark.parametrize("length", [1, 8, 9, 4095, 4096, 4097])
def test_the_slack_takes_the_longest_string_at_the_last_place(plain, length):
    room = np.arange(5 + lzw.SLACK).astype(np.uint8)
    start = room[:length].copy()
    head = np.frombuffer(start[:8].tobytes().ljust(8, b"\0"), dtype="<u8")[0]
    plain["_write"](head, lzw.Word(length), room, lzw.Word(4))
    assert room[4 : 4 + min(length, 4)].tolist() == start[:4].tolist()


# ---- pictures


PICTURES = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@given(PICTURES, st.integers(1, 60_000), st.integers(1, 256), st.integers(1, 40))
def test_it_gives_back_what_was_packed(rng, size, values, run):
    content = np.repeat(rng.integers(0, values, size // run + 1), run).astype("u1").tobytes()
    assert lzw.unpack(imagecodecs.lzw_encode(content), len(content)).tobytes() == content


@given(PICTURES, st.lists(st.tuples(st.integers(0), st.integers(0, 7)), min_size=1, max_size=9))
def test_damaged_bytes_make_no_more_than_is_wanted_and_what_came_before_is_right(rng, flips):
    content = rng.integers(0, 9, 5000).astype("u1").tobytes()
    damaged = bytearray(imagecodecs.lzw_encode(content))
    for place, bit in flips:
        damaged[place % len(damaged)] ^= 1 << bit
    assume(not lzw.is_reversed(bytes(damaged)))  # libtiff's
    whole = 8 * min(place % len(damaged) for place, _ in flips) // 12  # codes that are not touched
    made = lzw.unpack(bytes(damaged), 5000).tobytes()
    assert len(made) <= 5000
    good = max(0, whole - 3)  # each is a byte at least; Clear and the touched ones are not
    assert made[:good] == content[:good]


@pytest.mark.parametrize(
    ("content", "reversed_"),
    [("800000301000", False), ("0001040808", True), ("00", False), ("", False), ("0002", False)],
)
def test_the_way_of_before_tiff_5_is_told_by_its_first_code(content, reversed_):
    assert lzw.is_reversed(bytes.fromhex(content)) is reversed_
