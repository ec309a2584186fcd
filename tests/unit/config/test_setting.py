"""A setting is declared once."""

from __future__ import annotations

from dataclasses import dataclass, field

from iipastro.config.setting import Reader, Variable, rows_of, sections_of, setting


@dataclass(frozen=True)
class Inner:
    """An example."""

    depth: int = setting("7", Reader("a number", int), "How deep.", Variable("DEPTH"))


@dataclass(frozen=True)
class Outer:
    """An example of a whole."""

    inner: Inner = field(default_factory=Inner)


def test_the_default_is_read_by_the_reader():
    assert Outer().inner.depth == 7


def test_sections_and_rows_are_found():
    assert sections_of(Outer) == {"inner": Inner}
    row = rows_of(Inner)["depth"]
    assert (row.default, row.help, row.reader.takes) == ("7", "How deep.", "a number")


def test_a_variable_is_taken_without_its_blanks():
    assert Variable("DEPTH").translate(" 7 ") == "7"


def test_a_value_of_lines_is_read_line_by_line():
    reader = Reader("numbers", int, lines=True)
    assert reader.value("\n 1\n\n2 ") == (1, 2)
    assert reader.value("") == ()
