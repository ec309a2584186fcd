import numpy as np
import pytest

from iipastro.pixels import histogram as h

BYTE, WORD = (0, 255), (0, 65535)


def counts_of(values):
    return np.bincount(values, minlength=256)


def found(raw, cuts):
    counts = h.histogram(np.asarray(raw), cuts)
    assert counts.shape == (256,)
    return {int(byte): int(counts[byte]) for byte in np.flatnonzero(counts)}


def test_bytes_are_counted_as_they_are():
    raw = np.array([[[3], [3], [250]]], dtype=np.uint8)
    assert found(raw, (BYTE,)) == {3: 2, 250: 1}


def test_channels_count_by_their_rounded_mean():
    raw = np.array([[[1, 2, 2], [1, 1, 2]]], dtype=np.uint8)  # 1.67, 1.33
    assert found(raw, (BYTE,) * 3) == {2: 1, 1: 1}
    assert found(raw[:, :, :2], (BYTE,) * 2) == {2: 1, 1: 1}  # 1.5 is rounded up


@pytest.mark.parametrize(
    ("dtype", "value", "cut", "byte"),
    [
        (np.uint16, 0x12FF, WORD, 0x12),
        (np.uint32, 0x89ABCDEF, (0, 2**32 - 1), 0x89),
        (np.int16, -32768, (-32768, 32767), 0),
        (np.int16, 0, (-32768, 32767), 128),
        (np.uint16, 150, (100, 200), 127),  # other cuts: by the cuts
        (np.float32, 150, (100, 200), 127),
        (np.float32, 1e9, (100, 200), 255),
    ],
)
def test_a_value_falls_into_its_byte(dtype, value, cut, byte):
    assert found(np.full((1, 1, 1), value, dtype=dtype), (cut,)) == {byte: 1}


def test_what_is_not_finite_is_not_counted():
    raw = np.array([[[np.nan, 1], [0.5, np.inf], [0, 0]]], dtype=np.float32)
    assert found(raw, ((0, 1),) * 2) == {0: 1}
    assert found(raw[:, :2], ((0, 1),) * 2) == {}


def test_an_empty_tile_counts_nothing():
    assert found(np.empty((0, 5, 1), np.uint8), (BYTE,)) == {}


@pytest.mark.parametrize(
    ("values", "dtype", "cut", "expected"),
    [
        ([10, 99, 200], np.uint8, BYTE, (10, 200)),
        ([10, 200], np.uint16, WORD, (10 << 8, 200 << 8)),
        ([10, 200], np.int16, (-32768, 32767), ((10 << 8) - 32768, (200 << 8) - 32768)),
        ([51, 204], np.float32, (100, 600), (200, 500)),
        ([51, 204], np.uint16, (100, 600), (200, 500)),
        ([7], np.uint8, BYTE, BYTE),  # one byte alone
        ([], np.uint8, BYTE, BYTE),
    ],
)
def test_cuts_are_stretched_to_the_bytes_that_occur(values, dtype, cut, expected):
    counts = counts_of(np.array(values, dtype=int))
    cuts = h.stretch_cuts(counts, (cut,) * 2, np.dtype(dtype))
    assert cuts == (pytest.approx(expected),) * 2


def test_equalising_maps_by_the_running_sum():
    table = h.equalize_table(counts_of([10] * 2 + [20] * 2 + [30] * 4))
    # round(255 / 8 * (sum - 2 / 8)): sums 0, 2, 4, 8
    assert (table[9], table[10], table[20], table[29], table[30]) == (0, 56, 120, 120, 247)
    assert len(table) == 256


def test_a_large_flat_histogram_stays_as_it_is():
    table = h.equalize_table(np.full(256, 10_000))
    assert max(abs(new - byte) for byte, new in enumerate(table)) <= 1


def test_otsu_parts_two_heaps():
    table = h.otsu_table(counts_of([9, 10, 10, 11, 199, 200, 200]))
    assert table[11] == 0
    assert table[199] == 255
    assert set(table) == {0, 255}
    assert table == tuple(sorted(table))


def test_otsu_follows_the_heavier_contrast():
    # n m (difference of the means)²: before 10: 2 * 2 * 55² = 12100; before 100: 3 * 96.7² = 28033
    table = h.otsu_table(counts_of([0, 0, 10, 100]))
    assert (table[10], table[100]) == (0, 255)


@pytest.mark.parametrize("values", [[], [77], [77] * 50])
def test_without_two_bytes_there_is_nothing_to_equalise_or_part(values):
    counts = counts_of(np.array(values, dtype=int))
    assert h.equalize_table(counts) == tuple(range(256))
    assert h.otsu_table(counts) == (0,) * 128 + (255,) * 128
