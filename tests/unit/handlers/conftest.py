from contextlib import nullcontext

import numpy as np
import pytest

from iipastro.config import load_config
from iipastro.errors import NotFound
from iipastro.geometry import Size, tile_box
from iipastro.handlers.service import Service
from iipastro.images.catalog import Opened
from iipastro.images.source import Identity, ImageInfo, Level, Range
from iipastro.pixels import pipeline

TILE = Size(4, 4)


class Ramp:
    """An image that is only a ramp: sample = column + 100 row + 10000 channel, on every level."""

    def __init__(self, channels=1, dtype=np.float32, **facts):
        levels = (Level(Size(5, 3), TILE), Level(Size(10, 7), TILE))
        cuts = tuple(Range(0.0, 10.0 * (channel + 1)) for channel in range(channels))
        defaults = {
            "identity": Identity(1, 2, 3, 784111777 * 10**9),
            "levels": levels,
            "channels": channels,
            "dtype": np.dtype(dtype),
            "bits": np.dtype(dtype).itemsize * 8,
            "color": "rgb",
            "cuts": cuts,
        }
        self.info = ImageInfo(**(defaults | facts))

    def pixels(self, level):
        size = self.info.levels[level].size
        row, column, channel = np.mgrid[: size.height, : size.width, : self.info.channels]
        return (column + 100 * row + 10000 * channel).astype(self.info.dtype)

    def read_tile(self, level, index):
        if not 0 <= level < len(self.info.levels):
            raise NotFound(f"no level {level}")
        left, top, width, height = tile_box(*self.info.levels[level], index)
        return self.pixels(level)[top : top + height, left : left + width]

    def read_part(self, level, index, rows):
        return self.read_tile(level, index)[rows]

    def close(self):
        """Nothing is open."""


class Shelf:
    """A catalogue of images by name; a dictionary by angle stands for a sequence."""

    def __init__(self, images):
        self.images = images

    def open(self, name, angles=(0, 90)):
        if name not in self.images:
            raise NotFound(f"no image {name}")
        image = self.images[name]
        if isinstance(image, dict):
            return Opened(image[angles[0]], tuple(sorted(image)), (90,))
        return Opened(image, (0,), (90,))


class Slots:
    """Slots for long answers that are always free, and tell for how much they were taken."""

    def __init__(self):
        self.asked = []

    def slot(self, samples):
        self.asked.append(samples)
        return nullcontext()


@pytest.fixture
def slots():
    """For `replace(service, exports=slots)`."""
    return Slots()


@pytest.fixture
def ramp():
    return Ramp


@pytest.fixture
def shelve():
    """A function that returns a service with these images, and settings by keyword."""

    def build(settings=None, **images):
        config = load_config([], {}, settings or {}).config
        return Service(config, Shelf(images), pipeline.render)

    return build
