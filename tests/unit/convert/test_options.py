"""Words of the command line."""

from __future__ import annotations

import argparse

import pytest

from iipastro.convert import cuts, encode, levels, options, pyramid, stretch
from iipastro.convert.options import HIGHS, LOWS, ROWS


@pytest.fixture
def parse():
    """Return what the options make of a list of words."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    for row in ROWS:
        parser.add_argument(row.name, help=row.help, **row.more)
    return lambda *words: parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ((), "low", ("greylevel", (0.001,))),
        ((), "high", ("quantile", (0.999,))),
        (("--low", "manual:-3,2.5e3"), "low", ("manual", (-3.0, 2500.0))),
        (("--low", "percentile"), "low", ("percentile", (0.1,))),
        (("--high", "percentile:99"), "high", ("percentile", (99.0,))),
        (("--high", "zscale"), "high", ("zscale", ())),
        ((), "stretch", ("gamma", None)),
        (("--stretch", "lupton:10"), "stretch", ("lupton", 10.0)),
        ((), "compression", ("none", None)),
        (("--compression", "zstd:9"), "compression", ("zstd", 9)),
        (("--planes", "3,1"), "planes", (3, 1)),
        (("--channels", "u, g"), "channels", ("u", "g")),
        (("--hdu", "1", "--hdu", "SCI"), "hdu", ["1", "SCI"]),
        (("--blank-value", "-1"), "blank_value", -1.0),
        (("a", "b"), "inputs", ["a", "b"]),
    ],
)
def test_words_become_values(parse, words, name, value):
    assert getattr(parse(*words), name) == value


@pytest.mark.parametrize(
    "words",
    [
        ("--low", "manual"),
        ("--low", "median"),
        ("--high", "greylevel"),
        ("--low", "manual:x"),
        ("--low", "zscale:0.5"),
        ("--low", "manual:nan"),
        ("--stretch", "sqrt"),
        ("--compression", "zstd:0"),
        ("--compression", "rar"),
        ("--predictor", "2"),
        ("--tile", "-256"),
        ("--threads", "0"),
        ("--tile", "1000000000000"),
        ("--sample", "float64"),
        ("--planes", "0"),
    ],
)
def test_other_words_are_refused(parse, words):
    with pytest.raises((argparse.ArgumentError, argparse.ArgumentTypeError)):
        parse(*words)


def test_the_names_of_rules_are_those_of_the_cuts():
    assert set(LOWS) == set(cuts.LOWS)
    assert set(HIGHS) == set(cuts.HIGHS)


def test_the_words_are_those_of_the_modules_that_act_on_them():
    assert set(options.COMPRESSIONS) == set(encode.COMPRESSIONS)
    assert set(options.PREDICTORS) == set(encode.PREDICTORS)
    assert set(options.LEVELS) == set(levels.LEVELS)
    assert set(options.CURVES) == {*stretch.CURVES, stretch.LUPTON}
    assert options.TILE == pyramid.TILE
