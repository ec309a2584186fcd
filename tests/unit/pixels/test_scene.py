import pytest

from iipastro.geometry import Size
from iipastro.pixels.scene import Resize, rows_needed, sampled


def resize(source, out, first, rows, smooth=True):
    return Resize(Size(4, source), Size(4 if source == out else 2, out), 0, first, rows, smooth)


@pytest.mark.parametrize(
    ("resize", "needed"),
    [
        (resize(10, 10, 3, 4), (3, 4)),  # no scaling
        (resize(10, 5, 0, 5), (0, 10)),  # rows 0, 2, 4, 6, 8, each with its neighbour
        (resize(10, 5, 1, 2), (2, 4)),
        (resize(10, 5, 1, 2, smooth=False), (2, 3)),  # rows 2 and 4
        (resize(10, 20, 7, 1), (3, 2)),  # row 3.5
        (resize(10, 20, 7, 1, smooth=False), (3, 1)),
        (resize(10, 20, 19, 1), (9, 1)),  # the row after the last is the last
        (resize(1, 7, 0, 7), (0, 1)),
        (resize(10, 5, 2, 0), (0, 0)),
    ],
)
def test_a_band_needs_its_rows_and_their_neighbours(resize, needed):
    assert rows_needed(resize) == needed


def test_samples_stay_inside_the_source():
    samples = sampled(3, 6, 0, 6)  # at 0, 0.5, 1, 1.5, 2, 2.5
    assert samples.near.tolist() == [0, 0, 1, 1, 2, 2]
    assert samples.far.tolist() == [1, 1, 2, 2, 2, 2]
    assert samples.near_weight.tolist() == [1, 0.5, 1, 0.5, 1, 0.5]
    assert samples.far_weight.tolist() == [0, 0.5, 0, 0.5, 0, 0.5]


def test_samples_of_a_band_are_those_of_the_whole():
    whole, band = sampled(1000, 333, 0, 333), sampled(1000, 333, 100, 7)
    for some, all_ in zip(band, whole, strict=True):
        assert some.tolist() == all_[100:107].tolist()
