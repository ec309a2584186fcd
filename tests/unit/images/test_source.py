from __future__ import annotations

from dataclasses import replace

import numpy as np

from iipastro.geometry import Size
from iipastro.images.source import Identity, ImageInfo, Level, Range, memory_of


def facts(modified_ns=0):
    return ImageInfo(
        identity=Identity(1, 2, 3, modified_ns),
        levels=(Level(Size(50, 40), Size(16, 16)), Level(Size(100, 80), Size(16, 16))),
        channels=1,
        dtype=np.dtype(np.uint8),
        bits=8,
        color="grey",
        cuts=(Range(0, 255),),
    )


def test_the_full_image_is_the_last_level():
    assert facts().full == (100, 80)


def test_the_time_of_modification_is_in_whole_seconds():
    assert facts(1_999_999_999).modified == 1


def test_images_of_the_same_facts_share_no_metadata():
    assert facts().metadata == {}
    assert facts().metadata is not facts().metadata


def test_the_memory_of_an_open_image_is_that_of_its_levels_short_tables_and_texts():
    small = facts()  # 4 x 3 and 7 x 5 tiles
    assert memory_of(small) == 2200 + 2 * 1100 + 12 * (12 + 35)
    texts = replace(small, icc=b"1", xmp=b"22", metadata={"subject": b"4444"})
    assert memory_of(texts) - memory_of(small) == 7
    level = Level(Size(100_000, 100_000), Size(256, 256))  # its table is not read
    assert memory_of(replace(small, levels=(*small.levels, level))) - memory_of(small) == 1100
