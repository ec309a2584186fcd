"""The caches of a worker as configured, and what an answer depends on."""

from __future__ import annotations

import platform
from dataclasses import fields
from hashlib import blake2b
from importlib import import_module
from importlib.metadata import version
from typing import Any

from .. import __version__
from ..cache.envelope import Envelope
from ..cache.keys import key_of
from ..cache.memcached import Memcached, Options
from ..cache.memory import Memory, weight_of_answer
from ..cache.tiers import Counts, Tier, Tiers
from ..config import Config, ConfigError
from ..images.catalog import Opened
from ..jobs import Job
from ..pixels.watermark import Mark
from .rules import plain_name

_LIBRARIES = ("numpy", "numba", "pillow", "imagecodecs", "astropy")
_PATIENCE = 0.6  # of a time-out, that slow answers may cost: with one more of it, 64 ms at most
# These sections change no body, but for the settings that `fingerprint_of` names: what `doors`
# says is part of the job.  A new section changes bodies until it stands here.
_BODILESS = (
    *("server", "log", "cors", "http", "doors", "images", "fits", "limits", "cache", "memcached"),
)


def build_tiers(config: Config) -> Tiers:
    """Return the tiers for whole answers.  To be called after the fork: memcached is a socket."""
    counts = Counts()
    tiers: list[Tier] = []
    if config.cache.memory:
        tiers.append(Memory(config.cache.memory // 2, weight_of_answer))
    if config.memcached.servers:
        tiers.append(_memcached(config, counts))
    return Tiers(tiers, counts)


def pylibmc_of(config: Config) -> Any:
    """Return the library.  Raises ConfigError where it is not there, or too poor."""
    try:
        pylibmc = import_module("pylibmc")
    except ImportError as error:
        raise ConfigError(
            f"[memcached] servers: pylibmc cannot be loaded ({error}); "
            "install it with pip install 'iipastro[memcached]', or leave servers empty"
        ) from error
    if config.memcached.username and not pylibmc.support_sasl:
        raise ConfigError("[memcached] username: this libmemcached was built without SASL")
    return pylibmc


def _memcached(config: Config, counts: Counts) -> Memcached:
    pylibmc, settings = pylibmc_of(config), config.memcached
    base: Any = pylibmc.Client

    class Client(base):  # type: ignore[misc]
        """Takes bytes as they are: pylibmc would unpickle what others have put there."""

        def deserialize(self, value: bytes, _: int) -> bytes:
            return value

    microseconds = int(settings.timeout * 1e6)
    behaviors = {
        "ketama": True,
        "tcp_nodelay": True,
        "connect_timeout": microseconds // 1000,
        "_poll_timeout": microseconds // 1000,
        "send_timeout": microseconds,
        "receive_timeout": microseconds,
        "retry_timeout": int(settings.back_off),
    }
    client = Client(
        settings.servers,
        binary=True,
        behaviors=behaviors,
        username=settings.username or None,
        password=settings.password or None,
    )
    patience = _PATIENCE * settings.timeout
    options = Options(int(settings.expiry), settings.item_max, settings.back_off, patience)
    return Memcached(client, pylibmc.Error, Envelope(config.cache.secret), options, counts)


def fingerprint_of(config: Config, mark: Mark | None) -> str:
    """Return a text that is another one where the same request may get other bytes.

    It stands for the settings, the mark, us and the libraries that make the bytes.
    """
    sections = [getattr(config, each.name) for each in fields(config) if each.name not in _BODILESS]
    images, fits, limits = config.images, config.fits, config.limits
    lone = images.hide_latpole, fits.max_planes, limits.max_output, config.cache.salt
    libraries = [version(name) for name in _LIBRARIES]
    return key_of(__version__, platform.machine(), libraries, sections, lone, _seen(mark))


def _seen(mark: Mark | None) -> list[str]:
    parts = [part for part in mark or () if part is not None]
    return [f"{part.shape} {blake2b(part.tobytes()).hexdigest()}" for part in parts]


def subject_of(job: Job, image: Opened, config: Config) -> tuple[object, ...]:
    """Return what an answer is of: the file as it is now, what of it, and how it is shown.

    The name of the file is no part of it, unless several machines share a cache.
    """
    identity = image.source.info.identity
    device = plain_name(job.image or "") if config.cache.shared_files else identity.device
    angles = image.horizontal, image.vertical
    return (device, *identity[1:], *angles, *image.selection, job.canonical)
