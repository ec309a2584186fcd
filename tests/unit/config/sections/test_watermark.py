"""The defaults of the watermark are those of the reference."""

from __future__ import annotations

from iipastro.config import Config, load_config


def test_there_is_no_mark_unless_told():
    watermark = Config().watermark
    assert watermark.file == ""
    assert (watermark.opacity, watermark.probability) == (1.0, 1.0)  # spec 8
    assert watermark.mode == "additive"
    assert watermark.cache is False


def test_rules_stand_in_lines_below_their_key(tmp_path):
    path = tmp_path / "test.ini"
    path.write_text("[watermark]\nrules =\n  press/* => 0\n\n  ; all others\n  *.ptif => 0.25\n")
    rules = load_config([str(path)]).config.watermark.rules
    assert rules == (("press/*", 0.0), ("*.ptif", 0.25))
