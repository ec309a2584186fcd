"""What is told about the settings is true."""

from __future__ import annotations

import re

from iipastro.config import Config, load_config
from iipastro.config.reference import as_ini, ini_text, settings_page
from iipastro.config.setting import rows_of, sections_of


def test_the_ini_file_changes_nothing_as_it_is(tmp_path):
    path = tmp_path / "iipastro.ini"
    path.write_text(ini_text())
    assert set(load_config([str(path)]).origins.values()) == {"default"}


def test_the_ini_file_uncommented_is_the_defaults(tmp_path):
    path = tmp_path / "iipastro.ini"
    path.write_text(re.sub("^#(?! )", "", ini_text(), flags=re.MULTILINE))
    loaded = load_config([str(path)])
    assert loaded.config == Config()
    assert "default" not in loaded.origins.values()


def test_the_page_tells_every_setting():
    page = settings_page()
    for section, kind in sections_of(Config).items():
        assert f"\n## [{section}]\n\n{kind.__doc__}\n" in page
        for key, row in rows_of(kind).items():
            assert f"\n| `{key}` | " in page
            assert row.help in page


def test_the_page_tells_default_and_variable():
    assert "| `jpeg_quality` | `90` | " in settings_page()
    assert " | `JPEG_QUALITY` |" in settings_page()
    assert "| `suffix` | empty | " in settings_page()


def test_a_printed_configuration_can_be_read_again(tmp_path):
    loaded = load_config([], {"CORS": "*"}, {"server.workers": "3"})
    path = tmp_path / "printed.ini"
    path.write_text(as_ini(loaded))
    assert load_config([str(path)]).config == loaded.config


def test_a_printed_configuration_tells_where_values_come_from():
    lines = as_ini(load_config([], {"CORS": "*"}, {})).splitlines()
    assert any(re.fullmatch(r"origins = \* +; environment CORS", line) for line in lines)
    assert any(re.fullmatch(r"workers = auto +; default", line) for line in lines)


def test_rules_are_printed_in_lines_of_their_own(tmp_path):
    loaded = load_config([], {}, {"watermark.rules": "a* => 0.5\n\n b=>1"})
    printed = as_ini(loaded)
    assert re.search(r"^rules = a\* => 0.5 +; command line\n    b=>1$", printed, re.MULTILINE)


def test_a_secret_is_not_printed():
    settings = {"cache.secret": "xyzzy", "memcached.password": "plugh"}
    printed = as_ini(load_config([], {}, settings))
    assert "xyzzy" not in printed
    assert "plugh" not in printed
    assert "secret = (not shown)" in printed
    assert "secret =   " in as_ini(load_config())
