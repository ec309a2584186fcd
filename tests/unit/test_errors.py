import inspect

import pytest

from iipastro import errors


def test_every_error_has_a_status_that_clients_know():  # operations.md R18
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass)]
    statuses = {c.__name__: c.status for c in classes if issubclass(c, errors.Refused)}
    assert statuses == {
        "Refused": 500,
        "BadArgument": 400,
        "NotFound": 404,
        "Unservable": 404,
        "BadMethod": 405,
        "TooLarge": 413,
        "TooLong": 414,
        "Unreadable": 503,
        "Busy": 503,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no tile 5", "no tile 5"),
        ("a\r\nb", "a\\x0d\\x0ab"),
        ("é", "\\xe9"),
        ("\udcff", "\\udcff"),
        ("\x7f", "\\x7f"),
    ],
)
def test_messages_are_printable_ascii(text, expected):
    assert str(errors.NotFound(text)) == expected
