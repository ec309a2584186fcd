"""Tables of any origin as rows of values."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import MaskedColumn
from astropy.table import Table as AstropyTable

from iipastro.vector.draft import BadRow, InputError
from iipastro.vector.tables import plain, read_fits, read_text, read_votable, value_of


@pytest.fixture
def text(tmp_path):
    """Read a text as a table."""

    def read(content, delimiter=None):
        path = tmp_path / "table.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        table = read_text(str(path), delimiter)
        return table, list(table.rows)

    return read


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", " "])
def test_the_delimiter_is_guessed(text, delimiter):
    table, rows = text(f"a{delimiter}b\n1{delimiter}2\n")
    assert (table.names, rows, table.is_text) == (("a", "b"), [(2, ["1", "2"])], True)


def test_the_delimiter_can_be_given(text):
    assert text("a:b\n1,5:2\n", ":")[1] == [(2, ["1,5", "2"])]


def test_any_white_space_separates(text):
    assert text("  a   b\n\n 1\t 2  \n# no row\n3 4")[1] == [(3, ["1", "2"]), (5, ["3", "4"])]


def test_quoted_cells_hold_anything(text):
    _, rows = text('a,b\n"x, ""y""",2\n"two\nlines",3\nz,4\n')
    assert rows == [(2, ['x, "y"', "2"]), (4, ["two\nlines", "3"]), (5, ["z", "4"])]


def test_comments_and_blank_lines_are_no_rows(text):
    table, rows = text("# made by hand\n\na,b\n1,2\n\n#3,4\n,\n5,6\n")
    assert (table.names, rows) == (("a", "b"), [(4, ["1", "2"]), (8, ["5", "6"])])


def test_short_and_long_rows_are_bad(text):
    assert text("a,b\n1\n1,2\n1,2,3\n")[1] == [
        BadRow(2, "1 cells for 2 columns"),
        (3, ["1", "2"]),
        BadRow(4, "3 cells for 2 columns"),
    ]


def test_the_second_and_third_rows_are_data(text):
    assert len(text("a,b\n1,2\n3,4\n5,6\n")[1]) == 3
    assert len(text("a,b\n1,2\n")[1]) == 1


def test_units_and_dashes_of_vizier_are_understood(text):
    table, rows = text("#RESOURCE=x\n_RAJ2000\tGmag\ndeg\tmag\n-----\t--\n1.5\t2\n")
    assert (table.names, table.units, rows) == (
        ("_RAJ2000", "Gmag"),
        {"_RAJ2000": "deg", "Gmag": "mag"},
        [(5, ["1.5", "2"])],
    )


def test_names_may_stand_in_a_comment(text):
    assert text("# a table\n#  x y mag\n1 2 3\n")[0].names == ("x", "y", "mag")
    assert text("#x,y\n1,2\n")[0].names == ("x", "y")


def test_the_head_of_sextractor_is_understood(text):
    head = "#   1 NUMBER   Running object number  [count]\n#   2 X_IMAGE  Object position\n"
    table, rows = text(f"{head}#   3 VIGNET  Pixels\n    1   10.5  7  8\n")
    assert table.names == ("NUMBER", "X_IMAGE", "VIGNET", "col4")
    assert rows == [(4, ["1", "10.5", "7", "8"])]


def test_columns_without_names_are_numbered(text):
    assert text("1 2\n3 4\n")[0].names == ("col1", "col2")
    assert len(text("1 2\n3 4\n")[1]) == 2


def test_names_are_never_alike(text):
    assert text("a,a,,a\n,,,9\n")[0].names == ("a", "a_", "col3", "a__")


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing\n", ",,\n", " \n;\n"])
def test_an_empty_file_has_no_columns(text, content):
    assert text(content)[0].names == ()


def test_bytes_that_are_no_text_are_replaced(text):
    table, rows = text(b"\xef\xbb\xbfa,b\n\xff,2\n")
    assert (table.names, rows) == (("a", "b"), [(2, ["\ufffd", "2"])])


def test_a_quotation_without_end_is_an_error_with_its_line(text):
    with pytest.raises(InputError, match="line 3: field larger"):
        text('a,b\n1,2\n"' + "x" * 200_000 + "\n")


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_text(str(tmp_path / "none.csv"), None)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12), ("-3", -3), ("+4", 4), ("1.50", 1.5), (".5", 0.5), ("2.", 2.0), ("1e-3", 0.001),
        ("007", "007"), ("", None), ("NaN", None), ("1e999", "1e999"), ("x", "x"), (" a b ", "a b"),
        ("5853498713190525696", "5853498713190525696"), ("1_0", "1_0"), ("\u0661", "\u0661"),
    ],
)  # fmt: skip
def test_a_cell_is_a_number_where_nothing_is_lost(cell, value):
    assert value_of(cell) == value
    assert type(value_of(cell)) is type(value)


# ---- FITS and VOTable


@pytest.fixture
def catalogue():
    """A table of many types."""
    made = AstropyTable()
    made["name"] = ["a <b>", "7"]
    made["ra"] = np.array([10.5, np.nan])
    made["ra"].unit = "deg"
    made["dec"] = np.array([20.25, 21], dtype=np.float32)
    made["mag"] = MaskedColumn(np.array([12.3, 1], dtype=np.float32), mask=[False, True])
    made["id"] = np.array([2**53 + 1, 5])
    made["flag"] = [True, False]
    made["pair"] = [[1.0, np.inf], [2.0, 3.0]]
    return made


EXPECTED = [
    (1, ("a <b>", 10.5, 20.25, 12.3, "9007199254740993", True, [1.0, None])),
    (2, ("7", None, 21.0, None, 5, False, [2.0, 3.0])),
]


def always(_):
    return True


def test_a_fits_table_is_rows_of_plain_values(catalogue, tmp_path):
    path = tmp_path / "t.fits"
    catalogue.write(path)
    table = read_fits(str(path), None, always)
    assert (table.names[:2], table.units, table.is_text) == (("name", "ra"), {"ra": "deg"}, False)
    assert list(table.rows) == EXPECTED


def test_a_votable_is_rows_of_plain_values(catalogue, tmp_path):
    path = tmp_path / "t.vot"
    catalogue["ra"].meta["ucd"] = "pos.eq.ra"
    catalogue.write(path, format="votable")
    table = read_votable(str(path), None, always)
    assert (table.units["ra"], table.ucds["ra"]) == ("deg", "pos.eq.ra")
    assert list(table.rows) == EXPECTED


def test_the_table_with_coordinates_is_taken(tmp_path):
    """As in the FITS_LDAC files of SExtractor, whose first table holds a header."""
    head = fits.BinTableHDU.from_columns([fits.Column("Field Header Card", "80A", array=["X"])])
    data = fits.BinTableHDU.from_columns([fits.Column("RA", "D", array=[1.0])])
    path = str(tmp_path / "t.fits")
    fits.HDUList([fits.PrimaryHDU(), head, data]).writeto(path)
    assert read_fits(path, None, lambda table: "RA" in table.names).names == ("RA",)
    assert read_fits(path, None, lambda _: False).names == ("Field Header Card",)
    assert read_fits(path, 2, always).names == ("RA",)
    for number in (0, 3):
        with pytest.raises(InputError):
            read_fits(path, number, always)


def test_a_file_without_a_table_is_refused(tmp_path):
    path = str(tmp_path / "image.fits")
    fits.PrimaryHDU(np.ones((4, 4), np.float32)).writeto(path)
    with pytest.raises(InputError, match="has no table"):
        read_fits(path, None, always)


@pytest.mark.parametrize("content", [b"", b"SIMPLE  = nonsense", b"<VOTABLE>", b"<a>&b;</a>"])
@pytest.mark.parametrize("read", [read_fits, read_votable])
def test_what_is_no_table_is_refused(tmp_path, content, read):
    path = tmp_path / "t"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read(str(path), None, always)


def test_a_fits_table_that_is_cut_short_is_refused(catalogue, tmp_path):
    path = tmp_path / "t.fits"
    catalogue.write(path)
    path.write_bytes(path.read_bytes()[:-2880])
    with pytest.raises(InputError):
        read_fits(str(path), None, always)


def test_a_votable_that_links_elsewhere_is_refused(tmp_path):
    path = tmp_path / "t.vot"
    path.write_text('<VOTABLE><BINARY><STREAM\n encoding="x" href="file:///etc/passwd"/></BINARY>')
    with pytest.raises(InputError, match="links to data elsewhere"):
        read_votable(str(path), None, always)


OTHER = """<VOTABLE version="1.4"><RESOURCE><TABLE><FIELD name="ra" datatype="unsignedByte"/>
<DATA><BINARY>%s</BINARY></DATA></TABLE></RESOURCE></VOTABLE>"""


@pytest.mark.parametrize(
    ("before", "link", "encoding"),
    [
        ("", "<STREAM href='{}'/>", "utf-8"),
        ("", "<STREAM href='{}'/>", "utf-16"),
        ("", "<STREAM href='{}'/>", "utf-16-le"),
        ("<?xml version='1.0' encoding='UTF-16'?>", "<STREAM href='{}'/>", "utf-16"),
        ("<!DOCTYPE VOTABLE [<!ENTITY s \"&#60;STREAM href='{}'/>\">]>", "&s;", "utf-8"),
        ("<!DOCTYPE VOTABLE [<!ATTLIST STREAM href CDATA '{}'>]>", "<STREAM/>", "utf-8"),
        ("", "<v:STREAM v:href='{}'/>", "utf-8"),
        ("", "<STREAM a='>' href='{}'/>", "utf-8"),
    ],
)
def test_no_spelling_of_a_link_brings_in_another_file(tmp_path, before, link, encoding):
    (tmp_path / "secret").write_bytes(b"secret")
    address = (tmp_path / "secret").as_uri()
    path = tmp_path / "t.vot"
    path.write_bytes((before + OTHER % link).replace("{}", address).encode(encoding))
    with pytest.raises(InputError, match=r"links to data|is not UTF-8|declares entities"):
        read_votable(str(path), None, always)


@pytest.mark.parametrize("pack", [bz2.compress, gzip.compress, lzma.compress])
def test_no_packing_of_a_link_brings_in_another_file(tmp_path, pack):
    (tmp_path / "secret").write_bytes(b"secret")
    link = f"<STREAM href='{(tmp_path / 'secret').as_uri()}'/>"
    (tmp_path / "t.vot").write_bytes(pack((OTHER % link).encode()))
    with pytest.raises(InputError, match=r"cannot be read as VOTable|is not UTF-8"):
        read_votable(str(tmp_path / "t.vot"), None, always)


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-7", "UTF-16"])
def test_a_votable_of_another_encoding_is_refused(catalogue, tmp_path, encoding):
    path = tmp_path / "t.vot"
    catalogue.write(path, format="votable")
    text = re.sub("<[?].*?[?]>", f'<?xml version="1.0" encoding="{encoding}"?>', path.read_text())
    path.write_text(text)
    with pytest.raises(InputError, match=f"is not UTF-8: .*{encoding}"):
        read_votable(str(path), None, always)


@pytest.mark.parametrize(
    "head",
    [
        '<?xml version="1.0" encoding="us-ascii"?>',
        '<?xml version="1.0"?><!DOCTYPE VOTABLE SYSTEM "http://us-vo.org/xml/VOTable.dtd">',
        "\ufeff",
    ],
)
def test_the_heads_of_honest_votables_are_read(catalogue, tmp_path, head):
    path = tmp_path / "t.vot"
    catalogue.write(path, format="votable")
    path.write_text(re.sub("<[?].*?[?]>", head, path.read_text()).lstrip(), encoding="utf-8")
    assert list(read_votable(str(path), None, always).rows) == EXPECTED


def test_short_floats_keep_the_digits_that_they_have():
    assert plain(np.ma.asarray(np.array([0.1, 12.3], np.float32))) == [0.1, 12.3]
    assert plain(np.ma.asarray(np.array([0.1], np.float64))) == [0.1]
    assert plain(np.ma.asarray(np.array([b"ab ", b"\xff"]))) == ["ab", "\ufffd"]
