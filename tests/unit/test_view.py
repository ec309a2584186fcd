from dataclasses import FrozenInstanceError, fields

import pytest

from iipastro.view import Cut, Fraction, View


def test_a_view_never_changes():
    with pytest.raises(FrozenInstanceError):
        View().gamma = 2.0  # type: ignore[misc]


OTHER = {
    "quality": 5,
    "compression": "lzw",
    "contrast": 2.0,
    "gamma": 0.5,
    "logarithmic": True,
    "inverted": True,
    "colormap": "hot",
    "palette": "gray",
    "equalized": True,
    "stretched": True,
    "light": (1, 2),
    "mix": ((1.0,),),
    "kernel": (1.0,),
    "cuts": (Cut(0, 0.0, 1.0),),
    "flip": 1,
    "rotation": 90,
    "region": Fraction(0.0, 0.0, 0.5, 0.5),
    "width": 3,
    "height": 3,
    "angles": (1, 90),
    "layers": 1,
}


def test_every_field_tells_views_apart():
    assert set(OTHER) == {field.name for field in fields(View)}
    views = [View(), *(View(**{name: value}) for name, value in OTHER.items())]
    assert len({view.text for view in views}) == len(set(views)) == len(views)
