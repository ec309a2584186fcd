"""Settings of the files that are served."""

from __future__ import annotations

from dataclasses import dataclass

from .. import environment as env
from .. import readers as read
from ..setting import Variable, setting


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
    open_images: int = setting(
        "10000",
        read.number(1, 65535),
        "Images that each worker keeps open, at most: no more than fit into 36 MB of memory.",
    )
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
