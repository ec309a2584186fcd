import numpy as np
import pytest

from iipastro.geometry import Box, Size
from iipastro.images.shrunk import ShrunkReader, halved, halvings_to
from iipastro.images.source import Identity, ImageInfo, Level, Range

LEVEL = Level(Size(21, 13), Size(4, 4))


class Noise:
    """An image of noise, of one level."""

    def __init__(self, dtype=np.float32):
        samples = np.random.default_rng(8).integers(0, 250, (13, 21, 2))
        self.samples = samples.astype(dtype)
        cuts = (Range(0.0, 1.0),) * 2
        kind = np.dtype(dtype)
        self.info = ImageInfo(Identity(1, 2, 3, 4), (LEVEL,), 2, kind, 8, "rgb", cuts)

    def read_part(self, _, index, rows):
        top, left = index // 6 * 4, index % 6 * 4
        return self.samples[top : top + 4, left : left + 4][rows]


@pytest.mark.parametrize(
    ("out", "source", "halvings"),
    [
        (Size(256, 256), Size(1024, 1024), 2),
        (Size(155, 102), Size(1237, 811), 3),
        (Size(1, 1), Size(1237, 811), 11),
        (Size(1, 13), Size(1, 205), 4),
        (Size(20, 13), Size(38, 25), 1),  # of levels that were rounded down
        (Size(13, 20), Size(25, 38), 1),
        (Size(2, 2), Size(1, 1), 0),
        (Size(256, 256), Size(768, 768), 1),
        (Size(256, 256), Size(300, 300), 0),
        (Size(256, 1), Size(256, 1), 0),
        (Size(9, 9), Size(4, 4), 0),
    ],
)
def test_it_is_halved_while_it_is_not_smaller_than_what_is_wanted(out, source, halvings):
    assert halvings_to(out, source) == halvings
    assert halved(Size(5, 4), 1) == (3, 2)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.uint8, np.int32])
@pytest.mark.parametrize("box", [Box(0, 0, 16, 8), Box(5, 2, 16, 8), Box(0, 0, 21, 13)])
def test_a_pixel_is_the_mean_of_four_times_four(box, dtype):
    image = Noise(dtype)
    reader = ShrunkReader(image, 0, box, 2)
    part = image.samples[box.top : box.top + box.height, box.left : box.left + box.width]
    whole = part[: box.height // 4 * 4, : box.width // 4 * 4].astype(float)
    rows, columns = whole.shape[0] // 4, whole.shape[1] // 4
    expected = whole.reshape(rows, 4, columns, 4, 2).mean((1, 3))
    seen = np.vstack([reader.read(0, 1), reader.read(1, reader.size.height - 1)])
    assert seen.dtype == dtype
    assert seen.shape == (-(-box.height // 4), -(-box.width // 4), 2)
    near = 0.5 if np.dtype(dtype).kind in "iu" else 1e-4
    assert np.abs(seen[:rows, :columns] - expected).max() <= near


def test_at_the_ends_it_is_the_mean_of_those_that_are_there():
    image = Noise()
    reader = ShrunkReader(image, 0, Box(0, 0, 21, 13), 1)
    seen = reader.read(0, 7)
    assert seen[6, 10] == pytest.approx(image.samples[12, 20])
    assert seen[6, 0] == pytest.approx(image.samples[12, :2].mean(0))
    assert seen[0, 10] == pytest.approx(image.samples[:2, 20].mean(0))


def test_pixels_without_a_value_count_in_no_mean():
    image = Noise()
    image.samples[:2, :2, 0] = [[np.nan, 3], [5, np.nan]]
    image.samples[2:4, :2, 0] = np.nan
    column = ShrunkReader(image, 0, Box(0, 0, 8, 8), 1).read(0, 4)[:, 0, 0]
    assert column[0] == 4
    assert np.isnan(column[1])
