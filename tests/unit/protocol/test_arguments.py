import math

import pytest

from iipastro.protocol import arguments


@pytest.mark.parametrize(
    ("text", "expected"),
    [  # C's atoi
        ("12", 12),
        ("  -7xyz", -7),
        ("+3", 3),
        ("", 0),
        ("abc", 0),
        ("- 3", 0),
        ("1e3", 1),
        ("0000000000000000000012", 12),
        ("99999999999999999999", 2**31 - 1),
        ("-99999999999999999999", -(2**31)),
        ("4294967296", 2**31 - 1),
    ],
)
def test_whole_numbers_are_read_as_c_reads_them(text, expected):
    assert arguments.c_int(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [  # C's atof
        ("1.5", 1.5),
        ("-1.5e2", -150.0),
        (" .5x", 0.5),
        ("5.", 5.0),
        ("1e", 1.0),
        ("1e+21", 1e21),
        ("2.7755575615628914e-17", 2.7755575615628914e-17),
        ("", 0.0),
        ("e5", 0.0),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("0x10", 16.0),
        ("0x1.8p1", 3.0),
        ("1e999", math.inf),
        ("1e39", math.inf),
        ("-1e39", -math.inf),
        ("9" * 8000, math.inf),
        ("1" * 399 + "e5", math.inf),
        ("0." + "0" * 450 + "1e451", 1.0),
    ],
)
def test_real_numbers_are_read_as_c_reads_them(text, expected):
    assert arguments.c_float(text) == pytest.approx(expected, rel=1e-7)


def test_nan_is_read():
    assert math.isnan(arguments.c_float("nan"))


def test_real_numbers_have_single_precision():
    assert arguments.c_float("0.3") == 0.30000001192092896


def test_empty_items_of_a_list_are_skipped():
    assert arguments.c_floats("1,,2,") == [1.0, 2.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a%20b", "a b"),
        ("a+b", "a b"),
        ("a%2Fb", "a/b"),
        ("%252e", "%2e"),
        ("a%00b", "ab"),
        ("a%zzb%", "a%zzb%"),
        ("%C3%A9", "é"),
        ("\xc3\xa9", "é"),
        ("%ff", "\udcff"),
    ],
)
def test_a_name_is_decoded_once(text, expected):
    assert arguments.url_decode(text, plus=True) == expected


def test_a_plus_stays_in_a_number():
    assert arguments.url_decode("1e+21%2C2") == "1e+21,2"
