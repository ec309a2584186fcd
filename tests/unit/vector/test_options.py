"""The options of the subcommand."""

from __future__ import annotations

import argparse

import pytest

from iipastro.vector import command, wcs
from iipastro.vector.options import FORMATS, ROWS, SKY_FRAMES, SUFFIXES


@pytest.fixture
def parse():
    """Read a command line."""
    parser = argparse.ArgumentParser()
    for row in ROWS:
        parser.add_argument(row.name, help=row.help, **row.more)
    return lambda *words: parser.parse_args(["in.csv", "-o", "out.json", *words])


@pytest.mark.parametrize(
    ("word", "delimiter"),
    [("tab", "\t"), ("\\t", "\t"), ("space", " "), (";", ";"), ("comma", ",")],
)
def test_a_delimiter_has_a_name_or_is_itself(parse, word, delimiter):
    assert parse("--delimiter", word).delimiter == delimiter


@pytest.mark.parametrize(
    "words",
    [["--delimiter", "::"], ["--delimiter", '"'], ["--table", "-1"], ["--table", "x"],
     ["--origin", "2"], ["--to", "moon"], ["--frame", "b1950"], ["--sky-frame", "pixel"]],
)  # fmt: skip
def test_what_is_no_value_is_refused(parse, words, capsys):
    with pytest.raises(SystemExit):
        parse(*words)
    assert words[0] in capsys.readouterr().err


def test_every_setting_has_its_option(parse):
    given = vars(parse("--origin", "0"))
    wanted = (set(command.Settings.__dataclass_fields__) | set(command.Wanted._fields)) - {
        "columns",
        "prefer_pixels",
    }
    assert wanted == set(given)
    assert given["origin"] == 0


def test_the_frames_are_those_that_can_be_converted():
    assert set(SKY_FRAMES) == set(wcs.FRAMES)
    assert set(FORMATS) == {"csv", "fits", "votable", "ds9"} == set(SUFFIXES.values())
