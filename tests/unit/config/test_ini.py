"""The ini file: lines, comments, and errors that say where."""

from __future__ import annotations

import pytest

from iipastro.config.ini import Entry, read_ini
from iipastro.config.setting import ConfigError


@pytest.fixture
def ini(tmp_path):
    """Write an ini file and return its path."""

    def write(content: bytes | str) -> str:
        path = tmp_path / "test.ini"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("root = /srv/images", "/srv/images"),
        ("root=/srv/images", "/srv/images"),
        ("  root\t=\t/srv/images  ", "/srv/images"),
        ("root = /srv/images ; the folder", "/srv/images"),
        ("root = /srv/images\t# the folder", "/srv/images"),
        ("root = /a;b#c", "/a;b#c"),
        ("root = /a=b", "/a=b"),
        ("root = /%(home)s/%d%%", "/%(home)s/%d%%"),
        ("root = \u00e9toile\r", "\u00e9toile"),
        ("root =", ""),
        ("root = ; nothing", ""),
    ],
)
def test_a_value_ends_at_a_comment_after_a_blank(ini, line, text):
    path = ini("[images]\n" + line + "\n")
    assert read_ini(path)[1] == Entry("images", "root", text, f"{path}:2")


def test_entries_know_their_lines(ini):
    path = ini("# head\n\n; more\n[a]\nx = 1\n\n  # indented\n[b]\ny = 2")
    assert [entry.origin.rpartition(":")[2] for entry in read_ini(path)] == ["4", "5", "8", "9"]


def test_a_section_may_be_opened_again(ini):
    path = ini("[a]\nx = 1\n[b]\nx = 2\n[a]\ny = 3\n")
    given = [(e.section, e.key, e.text) for e in read_ini(path) if e.key]
    assert given == [("a", "x", "1"), ("b", "x", "2"), ("a", "y", "3")]


def test_blanks_around_the_name_of_a_section_are_no_name(ini):
    assert read_ini(ini("  [ a ] ; the first\n"))[0].section == "a"


def test_a_byte_order_mark_is_no_text(ini):
    assert read_ini(ini(b"\xef\xbb\xbf[a]\nx = 1\n"))[0].section == "a"


def test_a_value_goes_on_in_indented_lines_below_an_empty_one(ini):
    path = ini("[a]\nx =\n  1=>2\n\n\t; no rule\n    y = 3\nz = 4\n  w = 5\n[b]\n v = 6\n")
    entries = [(e.key, e.text, e.origin.removeprefix(path)) for e in read_ini(path) if e.key]
    assert entries == [
        ("x", "\n1=>2\n\n\ny = 3", ":2"),
        ("z", "4", ":7"),
        ("w", "5", ":8"),
        ("v", "6", ":10"),
    ]


def test_a_line_of_a_value_knows_its_place(ini):
    path = ini("[a]\nx =\n\n  1\n")
    entry = read_ini(path)[1]
    assert entry.text.split("\n")[2] == "1"
    assert entry.place_of(2) == f"{path}:4"
    assert entry._replace(origin="command line").place_of(2) == "command line"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[a]\nx\n", ":2: neither a [section] nor key = value"),
        ("[a]\n= 1\n", ":2: neither a [section] nor key = value"),
        ("[a\nx = 1\n", ":1: neither a [section] nor key = value"),
        ("x = 1\n", ":1: x stands before the first [section]"),
        ("[]\nx = 1\n", ":2: x stands before the first [section]"),
        ("[a]\nx = 1\n\nx = 1\n", ":4: [a] x is set a second time; the first is in "),
        ("[a]\nx = 1\n[b]\n[a]\nx = 2\n", ":5: [a] x is set a second time; the first is in "),
        (b"[a]\nx = \xe9\n", ": not a text in UTF-8"),
    ],
)
def test_a_bad_line_is_named(ini, content, message):
    path = ini(content)
    with pytest.raises(ConfigError) as refusal:
        read_ini(path)
    assert str(refusal.value).startswith(path + message)


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"nothing\.ini: cannot be read: No such file"):
        read_ini(str(tmp_path / "nothing.ini"))
