"""Order, origins and errors of the configuration (operations.md 1)."""

from __future__ import annotations

import os

import pytest

from iipastro.config import Config, ConfigError, load_config, system_files


@pytest.fixture
def ini(tmp_path):
    """Write an ini file and return its path."""

    def write(content: str, name: str = "test.ini") -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        return str(path)

    return write


def message_of(*arguments) -> str:
    with pytest.raises(ConfigError) as refusal:
        load_config(*arguments)
    return str(refusal.value)


def test_nothing_given_is_the_default():
    loaded = load_config()
    assert loaded.config == Config()
    assert set(loaded.origins.values()) == {"default"}


def test_the_later_source_wins(ini):
    first = ini("[encoding]\njpeg_quality = 10\npng_level = 2\nwebp_quality = 3\n", "1.ini")
    second = ini("[encoding]\njpeg_quality = 20\npng_level = 3\n", "2.ini")
    loaded = load_config(
        [first, second],
        {"JPEG_QUALITY": "30", "PNG_QUALITY": "4"},
        {"encoding.jpeg_quality": "40"},
    )
    encoding = loaded.config.encoding
    assert (encoding.jpeg_quality, encoding.png_level, encoding.webp_quality) == (40, 4, 3)
    assert loaded.origins["encoding.jpeg_quality"] == "command line"
    assert loaded.origins["encoding.png_level"] == "environment PNG_QUALITY"
    assert loaded.origins["encoding.webp_quality"] == f"{first}:4"
    assert loaded.origins["encoding.avif_quality"] == "default"
    assert loaded.texts["encoding.jpeg_quality"] == "40"


def test_blanks_belong_to_a_value_only_inside(ini):
    path = ini("[images]\nroot = /my images \n")
    assert load_config([path]).config.images.root == "/my images"
    assert load_config(overrides={"images.root": " /my images "}).config.images.root == "/my images"


def test_unknown_variables_are_ignored():
    environ = {"HOME": "/root", "KAKADU_READMODE": "1", "JPEG_QUALITY_2": "x"}
    assert load_config([], environ, {}).config == Config()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[images]\nrot = /x\n", ":2: [images] rot: no such setting; did you mean root?"),
        ("[images]\nROOT = /x\n", ":2: [images] ROOT: no such setting; did you mean root?"),
        (
            "[server]\njpeg_qualty = 9\n",
            ":2: [server] jpeg_qualty: no such setting; did you mean jpeg_quality in [encoding]?",
        ),
        ("[images]\nqwertz = 1\n", ":2: [images] qwertz: no such setting"),
        ("[imagse]\nroot = /x\n", ":1: [imagse]: no such section; did you mean [images]?"),
        ("\n[qwertz]\n", ":2: [qwertz]: no such section"),
        (
            "[encoding]\n\njpeg_quality = 101\n",
            ':3: [encoding] jpeg_quality: expected a whole number from 1 to 100, not "101"',
        ),
        (
            "[server]\ngraceful_timeout = 30\n",
            (
                ":2: [server] graceful_timeout: expected a time from 0s to 1h,"
                ' such as 500ms, 30s or 2m, not "30"'
            ),
        ),
        (
            "[http]\ncache_control = a\x0bb\n",
            ":2: [http] cache_control: control characters are not allowed",
        ),
        ("[images]\nroot = /a\x85b\n", ":2: [images] root: control characters are not allowed"),
        ("[images]\nroot = /a\x7fb\n", ":2: [images] root: control characters are not allowed"),
    ],
)
def test_a_mistake_is_named_by_file_and_line(ini, content, message):
    path = ini(content)
    assert message_of([path], {}, {}) == path + message


def test_a_mistake_counts_even_where_a_later_value_wins(ini):
    path = ini("[encoding]\njpeg_quality = x\n")
    assert message_of([path], {}, {"encoding.jpeg_quality": "9"}).startswith(f"{path}:2: ")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        (
            {"CACHE_CONTROL": "caf\u00e9"},
            '[http] cache_control: expected a header value in ASCII, not "caf\\xe9"',
        ),
        (
            {"CACHE_CONTROL": "a\r\nSet-Cookie: b"},
            "[http] cache_control: control characters are not allowed",
        ),
    ],
)
def test_a_bad_variable_is_named(environ, message):
    (name,) = environ
    assert message_of([], environ, {}) == f"environment {name}: {message}"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("server.listn", "[server] listn: no such setting; did you mean listen?"),
        ("listen", "[listen]: no such section"),
        ("server", "[server] ?: no such setting"),
        ("server.", "[server] ?: no such setting"),
    ],
)
def test_a_bad_option_is_named(name, message):
    assert message_of([], {}, {name: "x"}) == f"command line: {message}"


def test_an_error_is_printable():
    assert message_of([], {"CORS": "\x1b[2J"}, {}).isprintable()
    assert message_of([], {}, {"im\x1bges.root": "x"}).isprintable()
    assert message_of([], {"WORKERS": "caf\udce9"}, {}).isprintable()


def test_the_files_of_an_installation_are_read_in_order(ini, tmp_path):
    (tmp_path / "conf.d").mkdir()
    for name in (
        "iipastro.ini",
        "conf.d/20.ini",
        "conf.d/10.ini",
        "conf.d/30.ini~",
        "conf.d/.1.ini",
    ):
        ini("", name)
    names = [os.path.relpath(path, tmp_path) for path in system_files(str(tmp_path))]
    assert names == ["iipastro.ini", "conf.d/10.ini", "conf.d/20.ini"]


def test_an_installation_without_files_is_the_default(tmp_path):
    assert system_files(str(tmp_path / "nothing")) == []


def test_a_folder_that_cannot_be_read_is_no_default(ini, tmp_path):
    ini("", "conf.d")  # a file where the folder is expected
    with pytest.raises(ConfigError, match=r"conf\.d: cannot be read: Not a directory"):
        system_files(str(tmp_path))


def test_a_file_that_may_not_be_looked_at_is_no_default(tmp_path):
    (tmp_path / "iipastro.ini").symlink_to("iipastro.ini")  # for root, a file without permission
    with pytest.raises(ConfigError, match=r"iipastro\.ini: cannot be read: Too many levels"):
        load_config(system_files(str(tmp_path)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "[http]\ncache_rules =\n  a => b\n\n  # more\n  c\n",
            ":6: [http] cache_rules: expected in each line a pattern of image names",
        ),
        ("[images]\nsuffix =\n  root = /a\n", ":2: [images] suffix: takes one line"),
        ("[http]\ncache_rules =\n  a => b\x07\n", ":2: [http] cache_rules: control characters"),
    ],
)
def test_a_wrong_line_of_a_value_is_named(ini, content, message):
    path = ini(content)
    assert message_of([path]).startswith(path + message)


def test_rules_may_come_from_the_command_line():
    config = load_config(overrides={"http.cache_rules": "a* => b"}).config
    assert config.http.cache_rules == (("a*", "b"),)
