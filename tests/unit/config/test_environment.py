"""iipsrv's variables, with iipsrv's own parsing and ranges (spec 8)."""

from __future__ import annotations

import pytest

from iipastro.config import load_config

CASES = [
    ("VERBOSITY", "0", "log.level", "error"),
    ("VERBOSITY", "1", "log.level", "notice"),
    ("VERBOSITY", "2", "log.level", "info"),
    ("VERBOSITY", "3", "log.level", "debug"),
    ("VERBOSITY", "9", "log.level", "debug"),
    ("VERBOSITY", "-1", "log.level", "error"),
    ("VERBOSITY", "", "log.level", "error"),
    ("LOGFILE", "/tmp/iipsrv.log", "log.error_log", "/tmp/iipsrv.log"),
    ("LOGFILE", "syslog", "log.error_log", "stderr"),
    ("LOGFILE", " syslog ", "log.error_log", "stderr"),
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
    ("CORS", "*", "cors.origins", ("*",)),
    ("CORS", "", "cors.origins", ()),
    ("CACHE_CONTROL", "no-store", "http.cache_control", "no-store"),
    ("URI_MAP", "iip=>IIP", "http.uri_map", "iip=>IIP"),
    ("URI_MAP", " iip=>IIP ", "http.uri_map", "iip=>IIP"),
    ("URI_MAP", "iip=>Other", "http.uri_map", ""),
    ("URI_MAP", "a=>b=>IIP", "http.uri_map", ""),
    ("URI_MAP", "iip", "http.uri_map", ""),
    ("WORKERS", "3", "server.workers", 3),
]


@pytest.mark.parametrize(("variable", "text", "name", "value"), CASES)
def test_a_variable_of_iipsrv_is_read_as_iipsrv_reads_it(variable, text, name, value):
    loaded = load_config([], {variable: text}, {})
    section, key = name.split(".")
    assert getattr(getattr(loaded.config, section), key) == value
    assert loaded.origins[name] == f"environment {variable}"
