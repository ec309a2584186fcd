"""Tables of any origin as rows of values: delimited text, FITS and VOTable."""

from __future__ import annotations

import csv
import re
import warnings
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO, NamedTuple
from xml.parsers import expat

import numpy as np

from .draft import BadRow, InputError

BLANKS = " "  # the delimiter of columns that any white space separates
_SLICE = 4096  # rows
_EXACT = 1 << 53  # a page's numbers are doubles: larger integers are handed on as text
_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
_SEXTRACTOR = re.compile(r"#\s*(\d+)\s+(\S+)")  # "#   1 NUMBER   Running object number"
_RULE = re.compile(r"-*")
_ENCODINGS = ("utf-8", "us-ascii")  # in which a byte is what it is to ASCII
_ASTROPY_ERRORS = (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError)

Row = tuple[int, Sequence[Any]]  # its number, and a value per column: text from text
HasCoordinates = Callable[["Table"], bool]


class Table(NamedTuple):
    """A table whose rows are read once."""

    names: tuple[str, ...]  # no two alike
    rows: Iterator[Row | BadRow]
    units: Mapping[str, str] = {}
    ucds: Mapping[str, str] = {}  # what a column of a VOTable means
    is_text: bool = False  # values are text, and numbers are those of lines


# ---- delimited text


def read_text(path: str, delimiter: str | None) -> Table:
    """Read CSV and the like: the first line, or the comment before it, names the columns.

    `delimiter` None is guessed from the first line.  Lines that begin with `#` are comments;
    the lines of units and dashes that VizieR writes below the names are understood.
    """
    lines = _lines(path)
    comments, first = _first_of(lines)
    if not first:
        return Table((), iter(()), is_text=True)
    if delimiter is None:
        delimiter = _delimiter_of(first)
    rows = _numbered(chain([first], lines), delimiter, len(comments))
    head = next(rows, None)
    if head is None:  # nothing but delimiters
        return Table((), iter(()), is_text=True)
    number, cells = head
    if any(_NUMBER.fullmatch(cell.strip()) for cell in cells):  # no names: data at once
        names = _names_of(comments, delimiter, len(cells))
        rows = chain([(number, cells)], rows)
    else:
        names = tuple(cell.strip() for cell in cells)
    rows, units = _without_units(names, rows)
    names = unlike(names)
    return Table(names, _whole(rows, len(names)), units, is_text=True)


def _lines(path: str) -> Iterator[str]:
    try:
        with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
            yield from file
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def _first_of(lines: Iterator[str]) -> tuple[list[str], str]:
    """Return the comments before the first line that is none, and that line."""
    comments: list[str] = []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            return comments, line
        comments.append(line)
    return comments, ""


def _delimiter_of(line: str) -> str:
    found = max(",\t;|", key=line.count)
    return found if line.count(found) else BLANKS


def _numbered(lines: Iterable[str], delimiter: str, before: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each line, with its number; nothing of blank lines and comments."""
    if delimiter == BLANKS:
        split = ((number, line.split()) for number, line in enumerate(lines, before + 1))
        yield from ((n, cells) for n, cells in split if cells and not cells[0].startswith("#"))
        return
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if cells and not cells[0].startswith("#") and any(cells):
                yield before + reader.line_num, cells
    except csv.Error as error:
        raise InputError(f"line {before + reader.line_num}: {error}") from error


def _names_of(comments: Sequence[str], delimiter: str, count: int) -> tuple[str, ...]:
    """Return the names that comments give, as SExtractor's do or as the last one; or col1, col2."""
    listed = [match for match in map(_SEXTRACTOR.match, comments) if match]
    if listed:
        by_column = {int(match[1][:6]): match[2] for match in listed}
        return tuple(by_column.get(column, f"col{column}") for column in range(1, count + 1))
    last = comments[-1].lstrip("#").strip() if comments else ""
    names = last.split(None if delimiter == BLANKS else delimiter)
    if len(names) == count:
        return tuple(name.strip() for name in names)
    return tuple(f"col{column}" for column in range(1, count + 1))


def _without_units(
    names: tuple[str, ...], rows: Iterator[tuple[int, list[str]]]
) -> tuple[Iterator[tuple[int, list[str]]], dict[str, str]]:
    """Return the rows and the units of VizieR's tables: names, units, dashes, then data."""
    two = list(islice(rows, 2))
    ruled = len(two) == 2 and all(_RULE.fullmatch(cell.strip()) for cell in two[1][1])
    if not ruled:
        return chain(two, rows), {}
    return rows, dict(zip(names, (cell.strip() for cell in two[0][1]), strict=False))


def unlike(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of which no two are alike and none is empty."""
    result: dict[str, None] = {}
    for column, name in enumerate(names, 1):
        unlike = name or f"col{column}"
        while unlike in result:
            unlike += "_"
        result[unlike] = None
    return tuple(result)


def _whole(rows: Iterable[tuple[int, list[str]]], count: int) -> Iterator[Row | BadRow]:
    for number, cells in rows:
        if len(cells) == count:
            yield number, cells
        else:
            yield BadRow(number, f"{len(cells)} cells for {count} columns")


def value_of(cell: Any) -> Any:
    """Return a cell as JSON has it: numbers as such, what is empty or not a number as None."""
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if _NUMBER.fullmatch(text):
        if text.lstrip("+-").isdigit():
            return int(text) if len(text) <= 15 else text
        number = float(text)
        return number if abs(number) < np.inf else text
    return None if text.lower() in {"", "nan"} else text


# ---- FITS and VOTable: astropy reads them


def read_fits(path: str, number: int | None, has_coordinates: HasCoordinates) -> Table:
    """Read a table of a FITS file: HDU `number`, or the first one that has coordinates."""
    from astropy.io import fits  # noqa: PLC0415  no other format needs it
    from astropy.table import Table as AstropyTable  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with fits.open(path) as hdus:
                found = [
                    _of_astropy(AstropyTable.read(hdu))
                    for hdu in (hdus if number is None else [hdus[number]])
                    if isinstance(hdu, (fits.BinTableHDU, fits.TableHDU))
                    and not isinstance(hdu, fits.CompImageHDU)
                ]
    except (*_ASTROPY_ERRORS, fits.VerifyError) as error:
        raise InputError(f"{path} cannot be read as FITS: {error}") from error
    if not found:
        raise InputError(f"{path} has no table{'' if number is None else f' in HDU {number}'}")
    return next((table for table in found if has_coordinates(table)), found[0])


def read_votable(path: str, number: int | None, has_coordinates: HasCoordinates) -> Table:
    """Read a table of a VOTable: `number` from 1, or the first one that has coordinates."""
    from astropy.io import votable  # noqa: PLC0415  no other format needs it

    try:
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _refuse_links(path, file)
            file.seek(0)
            tables = list(votable.parse(file, verify="ignore").iter_tables())
            chosen = tables if number is None else [tables[number - 1]]
            found = [_of_astropy(table.to_table(use_names_over_ids=True)) for table in chosen]
    except (*_ASTROPY_ERRORS, votable.exceptions.VOTableSpecError, expat.ExpatError) as error:
        raise InputError(f"{path} cannot be read as VOTable: {error}") from error
    if not found:
        raise InputError(f"{path} has no table")
    return next((table for table in found if has_coordinates(table)), found[0])


def _refuse_links(path: str, file: BinaryIO) -> None:
    """Refuse a VOTable whose data lie elsewhere: astropy would fetch them from any address.

    The elements are those that expat reports, as astropy's own parser is expat; what could
    make the two read different elements is refused: other encodings, and entities.
    """

    def declare(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in _ENCODINGS:
            raise InputError(f"{path} is not UTF-8: its encoding is {encoding}")

    def begin_doctype(_name: str, _system: str | None, _public: str | None, own: bool) -> None:
        if own:
            raise InputError(f"{path} declares entities or attributes, which is not allowed")

    def begin(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "STREAM" and "HREF" in map(_local, attributes):
            raise InputError(f"{path} links to data elsewhere, which is not followed")

    first = file.read(4)
    if first.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in first:  # UTF-32 has both
        raise InputError(f"{path} is not UTF-8 text")
    file.seek(0)
    parser = expat.ParserCreate("utf-8")
    parser.XmlDeclHandler = declare
    parser.StartDoctypeDeclHandler = begin_doctype
    parser.StartElementHandler = begin
    parser.ParseFile(file)


def _local(name: str) -> str:
    """Return the name of an element or an attribute without its namespace, in capitals."""
    return name.rpartition(":")[2].upper()


def _of_astropy(table: Any) -> Table:
    names = tuple(str(name) for name in table.colnames)
    columns = [table[name] for name in table.colnames]
    units = {name: str(column.unit) for name, column in _pairs(names, columns) if column.unit}
    ucds = {name: str(column.meta.get("ucd") or "") for name, column in _pairs(names, columns)}
    return Table(names, _rows(columns, len(table)), units, ucds)


def _pairs(names: Sequence[str], columns: Sequence[Any]) -> Iterable[tuple[str, Any]]:
    return zip(names, columns, strict=True)


def _rows(columns: Sequence[Any], count: int) -> Iterator[Row]:
    for start in range(0, count, _SLICE):
        values = [plain(np.ma.asarray(column[start : start + _SLICE])) for column in columns]
        yield from enumerate(zip(*values, strict=True), start + 1)


def plain(column: Any) -> list[Any]:
    """Return a column as JSON has it: NaN, infinite and masked values are None.

    float32 numbers keep the digits that they have, and integers beyond 2^53 become text.
    """
    if column.dtype.kind == "f" and column.dtype.itemsize < 8:
        column = np.ma.masked_array(column.data.astype(str).astype(float), column.mask)
    return [_plain(value) for value in column.tolist()]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if abs(value) < np.inf else None
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(part) for part in np.ma.asarray(value).tolist()]
    return value if value is None else str(value).strip()
