"""Texts of settings: what is taken, and what is not."""

from __future__ import annotations

import os

import pytest

from iipastro.config import readers
from iipastro.config.setting import Rule
from iipastro.protocol import Door
from iipastro.view import Cut

GOOD = [
    (readers.fraction(), "0", 0.0),
    (readers.fraction(), "1", 1.0),
    (readers.fraction(), "0.25", 0.25),
    (readers.EXPORTS, "auto", 0),
    (readers.EXPORTS, "3", 3),
    (readers.rules(readers.fraction()), "a*=>0.5", Rule("a*", 0.5)),
    (readers.rules(readers.HEADER_VALUE), " a b/* => a=>b, c", Rule("a b/*", "a=>b, c")),
    (
        readers.SETTINGS,
        "GAM=0.5&cmp=Jet",
        (("logarithmic", False), ("gamma", 0.5), ("colormap", "jet")),
    ),
    (readers.SETTINGS, "INV", (("inverted", True),)),
    (readers.SETTINGS, "MINMAX=2%3A1,3", (("cuts", (Cut(1, 1.0, 3.0),)),)),
    (readers.number(1, 100), "1", 1),
    (readers.number(1, 100), "100", 100),
    (readers.number(-1, 100), "-1", -1),
    (readers.size("0", "16M"), "500", 500),
    (readers.size("0", "16M"), "8K", 8192),
    (readers.size("0", "16M"), "8k", 8192),
    (readers.size("0", "16M"), "16M", 16777216),
    (readers.size("0", "1G"), "1G", 1073741824),
    (readers.seconds("0s", "1h"), "30s", 30.0),
    (readers.seconds("0s", "1h"), "500ms", 0.5),
    (readers.seconds("0s", "1h"), "2m", 120.0),
    (readers.seconds("0s", "1h"), "1h", 3600.0),
    (readers.seconds("0s", "1h"), "1.5s", 1.5),
    (readers.YES_NO, "yes", True),
    (readers.YES_NO, "no", False),
    (readers.words("nearest", "bilinear"), "nearest", "nearest"),
    (readers.TEXT, "", ""),
    (readers.PATH, "/srv/images", "/srv/images"),
    (readers.OCTAL_MODE, "0660", 0o660),
    (readers.OCTAL_MODE, "777", 0o777),
    (readers.LOG_TARGET, "stderr", "stderr"),
    (readers.LOG_TARGET, "/var/log/x.log", "/var/log/x.log"),
    (readers.LOG_TARGET, "syslog", "syslog"),
    (readers.LOG_TARGET, "syslog:/run/log", "syslog:/run/log"),
    (readers.ACCESS_LOG, "off", "off"),
    (readers.ACCESS_LOG, "/var/log/x.log", "/var/log/x.log"),
    (readers.SLOW_LOG, "error_log", "error_log"),
    (readers.SLOW_LOG, "off", "off"),
    (readers.URL_PATH, "", ""),
    (readers.URL_PATH, "/iipastro/status", "/iipastro/status"),
    (readers.LISTEN, "unix:/run/x.sock", "unix:/run/x.sock"),
    (readers.LISTEN, "unix:/" + 106 * "x", "unix:/" + 106 * "x"),
    (readers.LISTEN, "127.0.0.1:9000", "127.0.0.1:9000"),
    (readers.LISTEN, "localhost:1", "localhost:1"),
    (readers.LISTEN, "localhost:65535", "localhost:65535"),
    (readers.LISTEN, "*:9000", "*:9000"),
    (readers.LISTEN, "[::1]:9000", "[::1]:9000"),
    (readers.LISTEN, "fd:0", "fd:0"),
    (readers.WORKERS, "1", 1),
    (readers.WORKERS, "1024", 1024),
    (readers.WORKERS, "auto", os.cpu_count()),
    (readers.ORIGINS, "", ()),
    (readers.ORIGINS, "*", ("*",)),
    (readers.ORIGINS, "null", ("null",)),
    (readers.ORIGINS, "HTTPS://A.Org:443,http://b:80", ("https://a.org", "http://b")),
    (readers.ORIGINS, "http://a:443, https://*.a:80", ("http://a:443", "https://*.a:80")),
    (readers.ORIGINS, "http://[::1]:8000", ("http://[::1]:8000",)),
    (
        readers.ORIGINS,
        "https://a.org, http://b.org:8080,https://*.c.org",
        ("https://a.org", "http://b.org:8080", "https://*.c.org"),
    ),
    (readers.HEADER_VALUE, "public, max-age=60", "public, max-age=60"),
    (readers.BASE_URL, "", ""),
    (readers.BASE_URL, "https://e.org:8080", "https://e.org:8080"),
    (readers.BASE_URL, "http://e.org/f?x=[1]&IIIF=", "http://e.org/f?x=[1]&IIIF="),
    (readers.HEADER_NAME, "", ""),
    (readers.HEADER_NAME, "X-IIIF-ID", "X-IIIF-ID"),
    (readers.DELIMITER, "", ""),
    (readers.DELIMITER, ";", ";"),
    (readers.DELIMITER, '";"', ";"),
    (readers.DELIMITER, "--p--", "--p--"),
    (readers.JSON_OBJECT, "", {}),
    (readers.JSON_OBJECT, '{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
    (readers.URI_MAP, "", ()),
    (readers.URI_MAP, "iiif=>iiif3", (Door("/iiif", "IIIF3"),)),
    (readers.URI_MAP, "iip=>IIP", (Door("/iip", "IIP"),)),
    (readers.URI_MAP, "/zoom/er/=>zoomify", (Door("/zoom/er", "Zoomify"),)),
    (readers.URI_MAP, "=>DeepZoom", (Door("", "DeepZoom"),)),
    (readers.URI_MAP, "/=>visiOmatic3", (Door("", "VisiOmatic3"),)),
    (
        readers.URI_MAP,
        "=>IIP, /a=>DeepZoom,/a/b=>Zoomify",
        (Door("/a/b", "Zoomify"), Door("/a", "DeepZoom"), Door("", "IIP")),
    ),
]

BAD = [
    (readers.fraction(), ["", "1.01", "-0.1", ".5", "1e-1", "50%", "nan"]),
    (readers.EXPORTS, ["", "0", "1025", "all"]),
    (readers.rules(readers.fraction()), ["", "a*", "=>1", "a* => 2", "a* = 1", "a*=>"]),
    (readers.SETTINGS, ["", "FIF=a", "JTL=0,0", "OBJ=max-size", "GAMMA=2", "GAM=2&gain", "ICC=1"]),
    (readers.SETTINGS, ["ROT=90", "RGN=0,0,1,1", "wid=5", "HEI=5", "MINMAX=0:1,2"]),
    (readers.number(1, 100), ["", "0", "101", "9.5", "1e2", "0x10", "+5", "1 0", 20 * "9", "ten"]),
    (readers.number(1, 100), ["\u0661", "\u00b2", "1_0"]),
    (readers.size("64", "16M"), ["", "63", "17M", "1T", "8 K", "-1", "8KB", "1.5M", 20 * "9"]),
    (readers.seconds("10ms", "1h"), ["", "30", "9ms", "61m", "-1s", "1d", "1s ", "nan", "infs"]),
    (readers.YES_NO, ["", "true", "1", "Yes", "on"]),
    (readers.words("nearest", "bilinear"), ["", "cubic", "Nearest"]),
    (readers.PATH, [""]),
    (readers.OCTAL_MODE, ["", "8", "0888", "rw-rw----", "1777", "66"]),
    (readers.LOG_TARGET, ["", "off", "syslog:", "syslog:log", "iipastro.log"]),
    (readers.ACCESS_LOG, ["", "on", "error_log", "access.log"]),
    (readers.SLOW_LOG, ["", "on", "slow.log"]),
    (readers.URL_PATH, ["status", "/status?json", "/a#b", "/a b"]),
    (readers.LISTEN, ["", "9000", ":9000", "unix:", "unix:x.sock", "/run/x.sock", "fd:1", "fd:"]),
    (readers.LISTEN, ["localhost:0", "localhost:65536", "localhost:", "::1:9000", "a b:9000"]),
    (readers.LISTEN, ["unix:/" + 107 * "x", "unix:/" + 60 * "\u00e9"]),
    (readers.WORKERS, ["", "0", "-1", "1025", "all"]),
    (readers.ORIGINS, ["example.org", "https://a.org/", "https://a.org/x", "https://a.org,,*"]),
    (readers.ORIGINS, ["https://*", "https://a b", "https://a.org https://b.org", "https://*.*.a"]),
    (readers.HEADER_VALUE, ["", "\u00e9", "a\nb", "a\tb"]),
    (readers.BASE_URL, ["e.org", "ftp://e.org", "https://", "https://e.org/ x", 'http://e.org/"']),
    (readers.BASE_URL, ["https://e.org/<x>", "https://e.org/\u00e9", "HTTPS://e.org"]),
    (readers.HEADER_NAME, ["X IIIF", "X:Y", "X_IIIF"]),
    (readers.DELIMITER, ["/", "a/b", "%3B", "123456789", " ", '""', '";', '"', "\u00e9"]),
    (readers.JSON_OBJECT, ["[]", "1", "{", "{a: 1}", '{"a": NaN}', '{"a": Infinity}', '"a"']),
    (
        readers.URI_MAP,
        ["iip", "iip=>", "iip=>Other", "iip=>IIP2", "i p=>IIP", "iip->IIP", "a=>b=>IIP"],
    ),
    (
        readers.URI_MAP,
        ["a=>IIP,", ",a=>IIP", "a=>IIP b=>IIP", "a=>IIP, /a/=>Zoomify", "a?b=>IIP", "a#=>IIP"],
    ),
]


@pytest.mark.parametrize(("reader", "text", "value"), GOOD)
def test_a_good_text_is_read(reader, text, value):
    read = reader.read(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("reader", "text"), [(reader, text) for reader, texts in BAD for text in texts]
)
def test_a_bad_text_is_a_value_error(reader, text):
    with pytest.raises(ValueError):  # noqa: PT011  # the words are the loader's
        reader.read(text)


def test_choices_are_told_as_a_sentence():
    assert readers.words("a", "b", "c").takes == "a, b or c"
    assert readers.YES_NO.takes == "yes or no"
