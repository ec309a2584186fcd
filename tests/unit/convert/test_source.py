from __future__ import annotations

import dataclasses

import pytest

from iipastro.convert.source import Options


def test_nothing_asked_is_the_first_image_with_its_nan():
    options = Options()
    assert (options.hdus, options.planes, options.mosaic) == ((), (), "")
    assert options.blank_value is None
    assert not options.unsigned


def test_options_are_values():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Options().mosaic = "wcs"
    assert Options(hdus=("1",)) == Options(hdus=("1",))
