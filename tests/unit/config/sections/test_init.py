"""Every setting keeps the promises of a row."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from iipastro.config import Config
from iipastro.config.sections import Config as Sections
from iipastro.config.setting import rows_of, sections_of

ROWS = [
    pytest.param(key, row, id=f"{section}.{key}")
    for section, kind in sections_of(Sections).items()
    for key, row in rows_of(kind).items()
]


def test_a_configuration_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Config().images.root = "/"


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_a_row_is_whole(key, row):
    assert key.islower()
    assert row.help.endswith(".")
    assert row.reader.takes
    row.reader.value(row.default)


def test_no_variable_sets_two_things():
    names = [row.values[1].variable.name for row in ROWS if row.values[1].variable]
    assert len(names) == len(set(names)) == 32  # 31 of iipsrv, one of ours
