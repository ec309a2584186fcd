"""What clients of IIIF are told unless the administrator says more."""

from __future__ import annotations

from iipastro.config import Config, load_config


def test_nothing_is_believed_or_added_unless_told():
    iiif = Config().iiif
    assert iiif.version == 3
    assert (iiif.base_url, iiif.id_header, iiif.delimiter, iiif.rights) == ("", "", "", "")
    assert iiif.extra_info == {}


def test_a_semicolon_is_no_comment_in_quotes(tmp_path):
    path = tmp_path / "test.ini"
    path.write_text('[iiif]\ndelimiter = ";"\nextra_info = {"a": "b;c"}\n')
    iiif = load_config([str(path)]).config.iiif
    assert (iiif.delimiter, iiif.extra_info) == (";", {"a": "b;c"})
