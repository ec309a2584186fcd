"""iipsrv's variables, with iipsrv's own parsing and ranges (spec 8)."""

from __future__ import annotations

import pytest

from iipastro.config import ConfigError, load_config
from iipastro.protocol import Door

CASES = [
    ("VERBOSITY", "0", "log.level", "error"),
    ("VERBOSITY", "1", "log.level", "notice"),
    ("VERBOSITY", "2", "log.level", "info"),
    ("VERBOSITY", "3", "log.level", "debug"),
    ("VERBOSITY", "9", "log.level", "debug"),
    ("VERBOSITY", "-1", "log.level", "error"),
    ("VERBOSITY", "", "log.level", "error"),
    ("LOGFILE", "/tmp/iipsrv.log", "log.error_log", "/tmp/iipsrv.log"),
    ("LOGFILE", "stderr", "log.error_log", "stderr"),
    ("LOGFILE", "syslog", "log.error_log", "syslog"),
    ("LOGFILE", " syslog ", "log.error_log", "syslog"),
    ("LOGFILE", "", "log.error_log", "stderr"),
    ("JPEG_QUALITY", "75", "encoding.jpeg_quality", 75),
    ("JPEG_QUALITY", " 75 percent", "encoding.jpeg_quality", 75),
    ("JPEG_QUALITY", "0", "encoding.jpeg_quality", 1),
    ("JPEG_QUALITY", "high", "encoding.jpeg_quality", 1),
    ("JPEG_QUALITY", "99999999999999999999", "encoding.jpeg_quality", 100),
    ("PNG_QUALITY", "10", "encoding.png_level", 9),
    ("WEBP_QUALITY", "-1", "encoding.webp_quality", -1),
    ("WEBP_QUALITY", "-5", "encoding.webp_quality", -1),
    ("AVIF_QUALITY", "101", "encoding.avif_quality", 100),
    ("TIFF_COMPRESSION", "0", "encoding.tiff_compression", "none"),
    ("TIFF_COMPRESSION", "1", "encoding.tiff_compression", "lzw"),
    ("TIFF_COMPRESSION", "2", "encoding.tiff_compression", "deflate"),
    ("TIFF_COMPRESSION", "3", "encoding.tiff_compression", "jpeg"),
    ("TIFF_COMPRESSION", "4", "encoding.tiff_compression", "webp"),
    ("TIFF_COMPRESSION", "5", "encoding.tiff_compression", "none"),
    ("TIFF_QUALITY", "-3", "encoding.tiff_quality", 0),
    ("MAX_CVT", "3000", "limits.max_output", 3000),
    ("MAX_CVT", "63", "limits.max_output", 64),
    ("MAX_CVT", "-1", "limits.max_output", 64),
    ("FILESYSTEM_PREFIX", "/data/", "images.root", "/data/"),
    ("FILESYSTEM_SUFFIX", ".tif", "images.suffix", ".tif"),
    ("FILENAME_PATTERN", "_x_", "images.sequence_pattern", "_x_"),
    ("INTERPOLATION", "0", "encoding.interpolation", "nearest"),
    ("INTERPOLATION", "2", "encoding.interpolation", "bilinear"),
    ("ALLOW_UPSCALING", "0", "encoding.allow_upscaling", False),
    ("ALLOW_UPSCALING", "1", "encoding.allow_upscaling", True),
    ("EMBED_ICC", "0", "encoding.embed_icc", False),
    ("MAX_ICC", "65536", "encoding.max_icc", 65536),
    ("MAX_ICC", "0", "encoding.max_icc", 0),
    ("MAX_ICC", "99999999", "encoding.max_icc", 16777216),
    ("MAX_ICC", "-1", "encoding.max_icc", 16777216),
    ("MAX_IMAGE_CACHE_SIZE", "10", "cache.memory", 10_240_000),  # spec 6.1
    ("MAX_IMAGE_CACHE_SIZE", "0.5MB", "cache.memory", 512_000),
    ("MAX_IMAGE_CACHE_SIZE", "0", "cache.memory", 0),
    ("MAX_IMAGE_CACHE_SIZE", "-7", "cache.memory", 0),
    ("MAX_IMAGE_CACHE_SIZE", "nan", "cache.memory", 0),
    ("MAX_IMAGE_CACHE_SIZE", "inf", "cache.memory", 921_600_000_000),
    ("MEMCACHED_SERVERS", "localhost", "memcached.servers", ("localhost",)),
    ("MEMCACHED_SERVERS", "", "memcached.servers", ()),
    ("MEMCACHED_SERVERS", " a:11212, b ,/m.sock", "memcached.servers", ("a:11212", "b", "/m.sock")),
    ("MEMCACHED_TIMEOUT", "60", "memcached.expiry", 60),
    ("MEMCACHED_TIMEOUT", "-1", "memcached.expiry", 0),
    ("MEMCACHED_TIMEOUT", "9999999", "memcached.expiry", 2_592_000),
    ("CORS", "*", "cors.origins", ("*",)),
    ("CORS", "", "cors.origins", ()),
    ("CORS", " ", "cors.origins", ()),
    ("CORS", "* \n", "cors.origins", ("*",)),
    ("CORS", "https://a.org/", "cors.origins", ("https://a.org",)),
    ("CORS", "HTTPS://A.org:8080", "cors.origins", ("https://a.org:8080",)),
    ("CORS", "http://a.org  http://b.org/", "cors.origins", ("http://a.org", "http://b.org")),
    ("CORS", "http://a.org, http://b.org", "cors.origins", ("http://a.org", "http://b.org")),
    ("CACHE_CONTROL", "no-store", "http.cache_control", "no-store"),
    ("IIIF_VERSION", "2", "iiif.version", 2),
    ("IIIF_VERSION", "1", "iiif.version", 2),
    ("IIIF_VERSION", "9", "iiif.version", 3),
    ("BASE_URL", " https://e.org/iiif/ ", "iiif.base_url", "https://e.org/iiif/"),
    ("IIIF_DELIMITER", ";", "iiif.delimiter", ";"),
    ("COPYRIGHT", "(c) a", "iiif.rights", "(c) a"),
    ("IIIF_EXTRA_INFO", '"a": {"b": 1}', "iiif.extra_info", {"a": {"b": 1}}),
    ("IIIF_EXTRA_INFO", ' {"a": 1} ', "iiif.extra_info", {"a": 1}),
    ("IIIF_EXTRA_INFO", "", "iiif.extra_info", {}),
    ("URI_MAP", "/iiif=>IIIF", "http.uri_map", (Door("/iiif", "IIIF"),)),
    ("URI_MAP", "iip=>IIP", "http.uri_map", (Door("/iip", "IIP"),)),
    ("URI_MAP", " iip=>IIP ", "http.uri_map", (Door("/iip", "IIP"),)),
    ("URI_MAP", "iip=>Other", "http.uri_map", ()),
    ("URI_MAP", "a=>b=>IIP", "http.uri_map", ()),
    ("URI_MAP", "/a b=>IIP", "http.uri_map", ()),
    ("URI_MAP", "/a?b=>IIP", "http.uri_map", ()),
    ("URI_MAP", "zoom=>zoomIFY", "http.uri_map", (Door("/zoom", "Zoomify"),)),
    ("URI_MAP", "iip", "http.uri_map", ()),
    ("WORKERS", "3", "server.workers", 3),
    ("WATERMARK", "/srv/mark.tif", "watermark.file", "/srv/mark.tif"),
    ("WATERMARK", "", "watermark.file", ""),
    ("WATERMARK_OPACITY", "0.5", "watermark.opacity", 0.5),
    ("WATERMARK_OPACITY", "-1", "watermark.opacity", 0.0),
    ("WATERMARK_OPACITY", "nan", "watermark.opacity", 0.0),
    ("WATERMARK_PROBABILITY", "1.5", "watermark.probability", 1.0),
    ("WATERMARK_PROBABILITY", "inf", "watermark.probability", 1.0),
    ("WATERMARK_PROBABILITY", "1e-2", "watermark.probability", 0.01),
    ("WATERMARK_PROBABILITY", "often", "watermark.probability", 0.0),
]


@pytest.mark.parametrize(("variable", "text", "name", "value"), CASES)
def test_a_variable_of_iipsrv_is_read_as_iipsrv_reads_it(variable, text, name, value):
    loaded = load_config([], {variable: text}, {})
    section, key = name.split(".")
    assert getattr(getattr(loaded.config, section), key) == value
    assert loaded.origins[name] == f"environment {variable}"


def test_a_log_file_is_found_from_where_the_server_starts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load_config([], {"LOGFILE": "logs/iipsrv.log"}, {}).config
    assert config.log.error_log == f"{tmp_path}/logs/iipsrv.log"


@pytest.mark.parametrize("text", ["", " "])
@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("CACHE_CONTROL", "http.cache_control"),
        ("FILESYSTEM_PREFIX", "images.root"),
        ("IIIF_VERSION", "iiif.version"),
        ("BASE_URL", "iiif.base_url"),
    ],
)
def test_an_empty_variable_is_as_if_it_were_not_set(variable, name, text, tmp_path):
    ini = tmp_path / "test.ini"
    ini.write_text(
        "[images]\nroot = /mine\n[http]\ncache_control = no-store\n[iiif]\n"
        "version = 2\nbase_url = https://e.org\n"
    )
    loaded = load_config([str(ini)], {variable: text}, {})
    assert loaded.config == load_config([str(ini)]).config
    assert loaded.origins[name].startswith(f"{ini}:")


@pytest.mark.parametrize(
    "origin",
    [
        "a.org",  # no scheme: no browser sends it
        "https://a.org/page",
        "https://a.org//",
        "https://",
        "*/",  # not the same as *, which would let everybody in
        "null/",
        "https://a.org\r\nSet-Cookie: b",
        "https://a.org\thttps://b.org",
    ],
)
def test_an_origin_that_no_browser_has_is_refused(origin):
    with pytest.raises(ConfigError, match=r"^environment CORS: \[cors\] origins: "):
        load_config([], {"CORS": origin}, {})


def test_an_ini_file_is_read_more_strictly_than_the_environment(tmp_path):
    ini = tmp_path / "test.ini"
    for line in (
        "[log]\nerror_log = iipsrv.log",
        "[http]\ncache_control =",
        "[http]\nuri_map = /iiif=>IIIF4",
        "[images]\nroot =",
        "[cors]\norigins = https://a.org/",
        "[cors]\norigins = http://a.org http://b.org",
    ):
        ini.write_text(line)
        with pytest.raises(ConfigError, match=r":2: .* expected "):
            load_config([str(ini)])
