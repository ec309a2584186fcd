"""Settings of the answers: how they are made, who may read them, what they may cost."""

from __future__ import annotations

from dataclasses import dataclass

from ...protocol import Door
from .. import environment as env
from .. import readers as read
from ..setting import Rule, Variable, setting


@dataclass(frozen=True)
class Encoding:
    """How pictures are made and written."""

    jpeg_quality: int = setting(
        "90",
        read.number(1, 100),
        "Quality of JPEG answers, unless QLT is given. VisiOmatic 2 counts on 90.",
        env.clamped("JPEG_QUALITY", 1, 100),
    )
    jpeg_codec: str = setting(
        "turbo",
        read.words("turbo", "pillow"),
        "What writes JPEG: libjpeg-turbo itself, or Pillow, with the same bytes.",
    )
    png_level: int = setting(
        "1",
        read.number(0, 9),
        "Compression of PNG answers: 0 none, 9 the smallest.",
        env.clamped("PNG_QUALITY", 0, 9),
    )
    webp_quality: int = setting(
        "50",
        read.number(-1, 100),
        "Quality of WebP answers. -1: lossless.",
        env.clamped("WEBP_QUALITY", -1, 100),
    )
    avif_quality: int = setting(
        "50",
        read.number(-1, 100),
        "Quality of AVIF answers. -1: lossless.",
        env.clamped("AVIF_QUALITY", -1, 100),
    )
    tiff_compression: str = setting(
        "deflate",
        read.words("none", "lzw", "deflate", "jpeg", "webp", "zstd"),
        "Compression of TIFF answers.",
        Variable("TIFF_COMPRESSION", env.tiff_compression),
    )
    tiff_quality: int = setting(
        "1",
        read.number(0, 100),
        "Quality of TIFF answers in JPEG or WebP; the level of the others.",
        env.clamped("TIFF_QUALITY", 0, 100),
    )
    interpolation: str = setting(
        "bilinear",
        read.words("nearest", "bilinear"),
        "How a region is brought to its size.",
        env.switch("INTERPOLATION", "nearest", "bilinear"),
    )
    allow_upscaling: bool = setting(
        "yes",
        read.YES_NO,
        "Whether a region may be larger than the level it is made of.",
        env.switch("ALLOW_UPSCALING", "no", "yes"),
    )
    embed_icc: bool = setting(
        "yes",
        read.YES_NO,
        "Whether the color profile of an image goes into its pictures.",
        env.switch("EMBED_ICC", "no", "yes"),
    )
    max_icc: int = setting(
        "64K",
        read.size("0", "16M"),
        "The largest color profile that does, in bytes.",
        Variable("MAX_ICC", env.icc_limit),
    )


@dataclass(frozen=True)
class Cors:
    """Which other sites' pages may read the answers."""

    origins: tuple[str, ...] = setting(
        "",
        read.ORIGINS,
        "The origins of those pages; * for all. Empty: none.",
        Variable("CORS", env.origins),
    )


@dataclass(frozen=True)
class Http:
    """What concerns the web in general."""

    cache_control: str = setting(
        "max-age=86400",
        read.HEADER_VALUE,
        "The Cache-Control header of every good answer.",
        Variable("CACHE_CONTROL", env.unless_empty),
    )
    cache_rules: tuple[Rule, ...] = setting(
        "", read.rules(read.HEADER_VALUE), "What it is instead in answers of some images."
    )
    uri_map: tuple[Door, ...] = setting(
        "",
        read.URI_MAP,
        "Serve protocols by path, as in /iiif=>IIIF. Of prefixes that match, the longest counts."
        " Empty: by query string only.",
        Variable("URI_MAP", env.uri_map),
    )


@dataclass(frozen=True)
class Limits:
    """What one request may cost."""

    max_output: int = setting(
        "5000",
        read.number(64, 65500),
        "The longest side of an exported region, in pixels.",
        env.clamped("MAX_CVT", 64, 65500),
    )
    max_source_samples: int = setting(
        "512M",
        read.size("64K", "1024G"),
        "Samples that may be decoded for one answer: pixels times channels.",
    )
    exports: int = setting(
        "auto",
        read.EXPORTS,
        "Workers that may make long exports at the same time, so that tiles never wait for all of"
        " them. Never more than all workers but one, as many as there are now; auto: as many.",
    )
    query_bytes: int = setting(
        "8K",
        read.size("64", "1M"),
        "The longest query string. A matrix for more than some 150 channels needs more.",
    )
    commands: int = setting(
        "64",
        read.number(1, 10000),
        "Commands in one query. VisiOmatic sends one for each channel whose cuts are changed.",
    )
    body_bytes: int = setting("64K", read.size("0", "16M"), "The longest body of a POST.")
    profile_values: int = setting(
        "1M", read.size("1", "1G"), "Pixels times channels of one profile, or of VAL."
    )
