from __future__ import annotations

import numpy as np

from iipastro.geometry import Size
from iipastro.images.source import Identity, ImageInfo, Level, Range


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
