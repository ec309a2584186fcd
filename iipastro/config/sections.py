"""Every setting: a class for each section of the ini file, a row for each key (operations.md 1).

A row holds the default as text, the reader of that text, the help and, where
there is one, the variable of iipsrv.  The ini file, the reference page and
`print-config` come from these rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import environment as env
from . import readers as read
from .setting import Variable, setting


@dataclass(frozen=True)
class Server:
    """Processes and the socket they answer on."""

    listen: str = setting(
        "unix:/run/iipastro/iipastro.sock",
        read.LISTEN,
        "Where the web server finds us. fd:0 is the socket that spawn-fcgi or mod_fcgid passes on.",
    )
    listen_mode: int = setting("0660", read.OCTAL_MODE, "Permissions of the unix socket.")
    backlog: int = setting(
        "2048", read.number(1, 65535), "Connections that may wait to be accepted."
    )
    workers: int = setting(
        "auto", read.WORKERS, "Worker processes. auto: one per core.", Variable("WORKERS")
    )
    graceful_timeout: float = setting(
        "30s", read.seconds("0s", "1h"), "How long a stop waits for running requests."
    )
    send_timeout: float = setting(
        "30s",
        read.seconds("10ms", "1h"),
        "How long a web server that takes no data may hold a worker.",
    )


@dataclass(frozen=True)
class Log:
    """What is written about the service."""

    level: str = setting(
        "notice",
        read.words("debug", "info", "notice", "warning", "error"),
        "The least important events that are written.",
        Variable("VERBOSITY", env.level),
    )
    error_log: str = setting(
        "stderr",
        read.LOG_TARGET,
        "Where events are written. If the file cannot be opened, to stderr.",
        Variable("LOGFILE", env.log_target),
    )


@dataclass(frozen=True)
class Images:
    """Which files are served."""

    root: str = setting(
        "/srv/images",
        read.PATH,
        "The folder of the images. Nothing outside it is ever served.",
        Variable("FILESYSTEM_PREFIX", env.unless_empty),
    )
    suffix: str = setting(
        "", read.TEXT, "Added to every name that is asked for.", Variable("FILESYSTEM_SUFFIX")
    )
    follow_symlinks: bool = setting(
        "within",
        read.choice({"no": False, "within": True}),
        "Symbolic links: refuse them all, or follow those that stay within the root.",
    )
    sequence_pattern: str = setting(
        "_pyr_",
        read.TEXT,
        "Stands between name and angles in the files of a sequence.",
        Variable("FILENAME_PATTERN"),
    )
    open_images: int = setting("256", read.number(1, 65535), "Images that each worker keeps open.")
    hide_latpole: bool = setting(
        "no",
        read.YES_NO,
        "Leave the LATPOLE card out of the FITS header: VisiOmatic 2 stops at it.",
    )


@dataclass(frozen=True)
class Fits:
    """FITS files that are served as they are, without conversion."""

    enabled: bool = setting("yes", read.YES_NO, "Whether they are served at all.")
    cache_dir: str = setting(
        "/var/cache/iipastro",
        read.PATH,
        "The folder for their lower levels, which are made when an image is first shown.",
    )
    cache_size: int = setting(
        "10G",
        read.size("0", "1024G"),
        "What these may take. The least recently used go first.",
    )
    max_planes: int = setting(
        "16",
        read.number(1, 64),
        "Planes of a cube that are shown as channels. Of a longer cube, one has to be chosen.",
    )
    max_header_bytes: int = setting(
        "10M", read.size("3K", "1G"), "The longest headers of a file that are read."
    )


@dataclass(frozen=True)
class Encoding:
    """How pictures are made and written."""

    jpeg_quality: int = setting(
        "90",
        read.number(1, 100),
        "Quality of JPEG answers, unless QLT is given. VisiOmatic 2 counts on 90.",
        env.clamped("JPEG_QUALITY", 1, 100),
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
    uri_map: str = setting(
        "",
        read.URI_MAP,
        "Serve a protocol by path: prefix=>protocol. Empty: by query string only.",
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
        "Samples that may be decoded for one region: pixels times channels.",
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
        "1M", read.size("1", "1G"), "Pixels times channels of one profile."
    )


@dataclass(frozen=True)
class Config:
    """The whole configuration: made once, passed down, never changed."""

    server: Server = field(default_factory=Server)
    log: Log = field(default_factory=Log)
    images: Images = field(default_factory=Images)
    fits: Fits = field(default_factory=Fits)
    encoding: Encoding = field(default_factory=Encoding)
    cors: Cors = field(default_factory=Cors)
    http: Http = field(default_factory=Http)
    limits: Limits = field(default_factory=Limits)
