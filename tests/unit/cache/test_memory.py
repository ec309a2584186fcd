import sys
import tracemalloc

import numpy as np
import pytest

from iipastro.cache.memory import ENTRY, SHARE, Memory, weight_of_answer, weight_of_array
from iipastro.response import answer

COST = ENTRY + sys.getsizeof("k0") + 10


@pytest.fixture
def ten():
    """Room for ten values of ten bytes."""
    return Memory(10 * COST, lambda _: 10)


def test_the_least_recently_used_goes_first(ten):
    for number in range(10):
        ten.put(f"k{number}", number)
    assert ten.get("k0") == 0
    ten.put("kA", 10)
    assert [ten.get(f"k{number}") for number in range(3)] == [0, None, 2]
    assert ten.get("kA") == 10


def test_to_put_is_to_use(ten):
    for number in range(10):
        ten.put(f"k{number}", number)
    ten.put("k0", "new")
    ten.put("kA", 10)
    assert ten.get("k0") == "new"
    assert ten.get("k1") is None


def test_the_bound_holds_after_every_step():
    weights = iter([5, 900, 30, 400, 700, 1, 800, 650, 0, 333] * 20)
    memory = Memory(8000, lambda _: next(weights))
    for number in range(200):
        memory.put(f"{number % 37}", number)
        assert memory.bytes <= 8000
        assert memory.bytes >= len(memory) * ENTRY


def test_a_value_put_twice_counts_once(ten):
    ten.put("k0", 1)
    ten.put("k0", 2)
    assert (len(ten), ten.bytes) == (1, COST)


def test_a_value_that_would_push_out_the_others_is_not_kept():
    memory = Memory(SHARE * 1000, len)
    small = 1000 - ENTRY - sys.getsizeof("k0")
    memory.put("k0", b"x" * (small + 1))
    assert memory.get("k0") is None
    memory.put("k0", b"x" * small)
    assert memory.get("k0") is not None


def test_no_room_keeps_nothing():
    memory = Memory(0, lambda _: 0)
    memory.put("k0", b"")
    assert (memory.get("k0"), memory.bytes) == (None, 0)


def test_hits_and_misses_are_counted(ten):
    ten.put("k0", 1)
    ten.get("k0"), ten.get("k0"), ten.get("k1")
    assert (ten.hits, ten.misses) == (2, 1)


def test_the_weight_of_an_answer_is_what_it_takes():
    memory = Memory(8 << 20, weight_of_answer)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(2000):
        memory.put(f"iipastro1:{number:040}", answer("image/jpeg", bytes(500 + number)))
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(memory) == 2000
    assert 0.9 * memory.bytes <= taken <= 1.02 * memory.bytes


def test_a_view_weighs_what_it_keeps_alive():
    whole = np.zeros((256, 256, 5), np.float32)
    assert weight_of_array(whole) >= whole.nbytes
    assert weight_of_array(whole[:, :1]) >= whole.nbytes
    assert weight_of_array(whole[:4][:, :1]) >= whole.nbytes
    assert weight_of_array(whole[:, :1].copy()) < whole.nbytes / 50
    room = np.zeros(100_000, np.uint8)
    for owner in (bytes(100_000), bytearray(100_000), room.data, memoryview(room.data)):
        assert 100_000 <= weight_of_array(np.frombuffer(owner, np.uint8)[:10]) <= 101_000
    assert weight_of_array(room.view(np.float32).reshape(100, -1)) >= 100_000
