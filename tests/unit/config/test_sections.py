"""The settings: their defaults and their promises."""

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


def test_defaults_are_those_of_the_reference_where_clients_count_on_them():
    config = Config()
    assert config.encoding.jpeg_quality == 90  # VisiOmatic 2 leaves QLT out at 90 (spec 4.1)
    assert config.limits.max_output == 5000  # MAX_CVT (spec 8)
    assert config.images.sequence_pattern == "_pyr_"
    assert config.http.cache_control == "max-age=86400"
    assert config.server.backlog == 2048
    assert config.encoding.max_icc == 65536
    assert config.cors.origins == ()
    assert config.server.listen_mode == 0o660
    assert config.limits.max_source_samples == 536870912
    assert config.server.send_timeout == 30.0
    assert config.images.follow_symlinks is True


def test_fits_files_are_served_by_default():
    fits = Config().fits
    assert fits.enabled is True
    assert fits.cache_dir == "/var/cache/iipastro"
    assert fits.cache_size == 10 * 2**30
    assert fits.max_header_bytes == 10 * 2**20  # operations R22
    assert fits.max_planes == 16


def test_a_configuration_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Config().images.root = "/"


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_a_row_is_whole(key, row):
    assert key.islower()
    assert row.help.endswith(".")
    assert row.reader.takes
    row.reader.read(row.default)


def test_no_variable_sets_two_things():
    names = [row.values[1].variable.name for row in ROWS if row.values[1].variable]
    assert len(names) == len(set(names)) == 20
