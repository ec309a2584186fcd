import numpy as np
import pytest

from iipastro.encoders.pillow import save
from iipastro.errors import Refused


def test_an_error_of_the_library_becomes_a_refusal_without_its_words():
    with pytest.raises(Refused, match=r"^the picture cannot be written as JPEG$"):
        save(np.zeros((70000, 1, 1), dtype=np.uint8), "JPEG")


def test_one_channel_is_written_as_grey():
    body = save(np.zeros((2, 3, 1), dtype=np.uint8), "PNG")
    assert body[16:26] == bytes([0, 0, 0, 3, 0, 0, 0, 2, 8, 0])  # IHDR: size, 8 bits, grey
