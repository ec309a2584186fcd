"""What every handler needs, gathered once per worker: no methods, no request state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from ..cache.memory import Memory, weight_of_array
from ..cache.tiers import Tiers
from ..config import Config, ConfigError
from ..config.host import descriptors_of_images
from ..errors import Unservable
from ..images import decode
from ..images.catalog import Catalog
from ..images.fits import FitsOptions
from ..images.level_cache import LevelCache
from ..images.mark import read_mark
from ..images.source import Raw
from ..pixels import decimals, kernels
from ..pixels.scene import Bytes, Scene
from ..pixels.watermark import Mark, make_mark
from ..protocol import Door
from ..view import View
from .caches import build_tiers, fingerprint_of, pylibmc_of
from .exports import MOST as MOST_EXPORTS
from .exports import Exports
from .recent import Recent

Render = Callable[[Raw, View, Scene], Bytes]


@dataclass(frozen=True)
class Shared:
    """What all workers of a server have in common, made before the fork."""

    exports: Exports
    mark: Mark | None


@dataclass(frozen=True)
class Service:
    """The collaborators of a worker.  For one request at a time."""

    config: Config
    catalog: Catalog
    render: Render
    uri_map: tuple[Door, ...] = ()
    exports: Exports = field(default_factory=lambda: Exports(1))
    mark: Mark | None = None  # None: no watermark
    lot: Random = field(default_factory=Random)  # each worker's own (operations R17)
    answers: Tiers = field(default_factory=Tiers)
    tiles: Memory[Raw] = field(default_factory=lambda: Memory(0, weight_of_array))
    recent: Recent = field(default_factory=Recent)
    fingerprint: str = ""  # of all but the request and the file that an answer depends on


def prepare() -> None:
    """Do in the parent what all workers then share: import and compile.

    Opens nothing and leaves no thread, so that a fork may follow.
    """
    decode.warm_up()
    kernels.warm_up()
    decimals.warm_up()


def share(config: Config) -> Shared:
    """Do in the parent what all workers then share, as configured.

    Raises ConfigError for what is wrong and cannot be seen from the text alone.
    """
    if config.memcached.servers:
        pylibmc_of(config)
    exports = Exports(config.limits.exports or MOST_EXPORTS)
    exports.follow(config.server.workers)
    return Shared(exports, _mark(config))


def _mark(config: Config) -> Mark | None:
    settings = config.watermark
    if not settings.file or not settings.opacity:
        return None
    try:
        picture = read_mark(settings.file)
    except (OSError, Unservable) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"[watermark] file {settings.file}: {why}") from error
    return make_mark(picture, settings.opacity, settings.mode == "additive")


def build_service(config: Config, shared: Shared | None = None) -> Service:
    """Return the collaborators of one worker.

    To be called after the fork: it keeps files open, and seeds what is drawn
    by lot.  `shared` is what all workers have in common; None: nothing.
    """
    images, fits = config.images, config.fits
    shared = shared or share(config)
    tiles = Memory(config.cache.memory // 2, weight_of_array)
    catalog = Catalog(
        images.root,
        suffix=images.suffix,
        follow_symlinks=images.follow_symlinks,
        pattern=images.sequence_pattern,
        open_images=images.open_images,
        descriptors=descriptors_of_images(),
        fits=FitsOptions(
            fits.enabled,
            fits.max_planes,
            fits.max_header_bytes,
            cache=LevelCache(fits.cache_dir, fits.cache_size),
        ),
        tiles=tiles if config.cache.memory else None,
    )
    return Service(
        config,
        catalog,
        kernels.render,
        config.http.uri_map,
        shared.exports,
        shared.mark,
        answers=build_tiers(config),
        tiles=tiles,
        fingerprint=fingerprint_of(config, shared.mark),
    )
