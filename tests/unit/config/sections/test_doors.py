"""Defaults of images for viewers that know nothing of cuts."""

from __future__ import annotations

import pytest

from iipastro.config import Config, ConfigError, load_config

INI = """[doors]
settings =
  m51/* => GAM=0.45&CMP=jet   ; radio
  *.ptif => CTW=1,0;0,1
"""


def test_no_image_has_defaults_unless_told():
    assert Config().doors.settings == ()


def test_the_settings_of_images_stand_in_lines(tmp_path):
    path = tmp_path / "test.ini"
    path.write_text(INI)
    rules = load_config([str(path)]).config.doors.settings
    assert [rule.pattern for rule in rules] == ["m51/*", "*.ptif"]
    assert dict(rules[0].value) == {"gamma": pytest.approx(0.45), "logarithmic": False} | {
        "colormap": "jet"
    }
    assert dict(rules[1].value) == {"mix": ((1.0, 0.0), (0.0, 1.0))}


def test_what_is_no_setting_is_an_error_of_its_line(tmp_path):
    path = tmp_path / "test.ini"
    path.write_text(INI + "  *.tif => FIF=b\n")
    with pytest.raises(ConfigError, match=r":5: \[doors\] settings: expected .*FIF=b"):
        load_config([str(path)])
