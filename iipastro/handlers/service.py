"""What every handler needs, gathered once per worker: no methods, no request state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..config import Config
from ..images.catalog import Catalog
from ..images.fits import FitsOptions
from ..images.level_cache import LevelCache
from ..images.source import Raw
from ..pixels import decimals, kernels
from ..pixels.scene import Bytes, Scene
from ..protocol import UriMap
from ..view import View

Render = Callable[[Raw, View, Scene], Bytes]

_COMMANDS = {"iip": "FIF", "deepzoom": "DeepZoom", "zoomify": "Zoomify"}


@dataclass(frozen=True)
class Service:
    """The collaborators of a worker.  For one request at a time."""

    config: Config
    catalog: Catalog
    render: Render
    uri_map: UriMap | None


def prepare() -> None:
    """Do in the parent what all workers then share: import and compile.

    Opens nothing and leaves no thread, so that a fork may follow.
    """
    kernels.warm_up()
    decimals.warm_up()


def build_service(config: Config) -> Service:
    """Return the collaborators of one worker.  To be called after the fork: it keeps files open."""
    images, fits = config.images, config.fits
    catalog = Catalog(
        images.root,
        suffix=images.suffix,
        follow_symlinks=images.follow_symlinks,
        pattern=images.sequence_pattern,
        open_images=images.open_images,
        fits=FitsOptions(
            fits.enabled,
            fits.max_planes,
            fits.max_header_bytes,
            cache=LevelCache(fits.cache_dir, fits.cache_size),
        ),
    )
    return Service(config, catalog, kernels.render, _uri_map(config.http.uri_map))


def _uri_map(setting: str) -> UriMap | None:
    prefix, _, protocol = setting.partition("=>")
    return UriMap(prefix, _COMMANDS[protocol.strip().lower()]) if setting else None
