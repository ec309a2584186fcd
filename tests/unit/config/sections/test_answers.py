"""The defaults of answers."""

from __future__ import annotations

from iipastro.config import Config


def test_defaults_are_those_of_the_reference_where_clients_count_on_them():
    config = Config()
    assert config.encoding.jpeg_quality == 90  # VisiOmatic 2 leaves QLT out at 90 (spec 4.1)
    assert config.encoding.max_icc == 65536
    assert config.limits.max_output == 5000  # MAX_CVT (spec 8)
    assert config.limits.max_source_samples == 536870912
    assert config.http.cache_control == "max-age=86400"


def test_no_other_site_may_read_answers_unless_told():
    assert Config().cors.origins == ()
