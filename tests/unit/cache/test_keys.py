import pytest

from iipastro.cache.keys import key_of
from iipastro.jobs import Job, Tile
from iipastro.view import View


def test_a_key_fits_memcached_whatever_it_is_made_of():
    key = key_of("x" * 10_000, b"\xff", "\udcff", None)
    assert len(key) <= 64
    assert key.isascii()
    assert key.isprintable()
    assert " " not in key


def test_equal_values_have_one_key():
    first = Job("a", View(gamma=0.5), Tile(1, 2))
    second = Job("a", View(gamma=0.5), Tile(1, 2))
    assert key_of(first, 1) == key_of(second, 1)


@pytest.mark.parametrize(
    "parts", [("a", "b"), ("ab",), ("a", "b", ""), ("b", "a"), (("a", "b"),), ("a", b"b")]
)
def test_other_values_have_another_key(parts):
    assert key_of(*parts) == key_of(*parts)
    assert key_of(*parts) != key_of("a", "b", "c")
    others = [("a", "b"), ("ab",), ("a", "b", ""), ("b", "a"), (("a", "b"),), ("a", b"b")]
    assert [other for other in others if key_of(*other) == key_of(*parts)] == [parts]


def test_numbers_that_differ_in_the_last_bit_have_other_keys():
    assert key_of(0.1) != key_of(0.1 + 2**-55)
    assert key_of(0.0) != key_of(-0.0)
