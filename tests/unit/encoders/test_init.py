import pytest

from iipastro.encoders import ENCODERS


@pytest.mark.parametrize(
    ("name", "mime", "suffix"),
    [
        ("jpeg", "image/jpeg", "jpg"),
        ("png", "image/png", "png"),
        ("webp", "image/webp", "webp"),
        ("avif", "image/avif", "avif"),
        ("tiff", "image/tiff", "tif"),
    ],
)
def test_a_format_has_its_registered_type(name, mime, suffix):
    assert ENCODERS[name][:2] == (mime, suffix)
