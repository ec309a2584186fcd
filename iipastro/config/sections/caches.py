"""Settings of the caches."""

from __future__ import annotations

from dataclasses import dataclass

from .. import environment as env
from .. import readers as read
from ..setting import Variable, secret, setting


@dataclass(frozen=True)
class Cache:
    """What is kept so that it is not made twice."""

    memory: int = setting(
        "16M",
        read.size("0", "1024G"),
        "Memory of each worker, in bytes: half of it for finished answers, half for unpacked tiles"
        " of compressed images. 0: none.",
        Variable("MAX_IMAGE_CACHE_SIZE", env.megabytes),
    )
    shared_files: bool = setting(
        "no",
        read.YES_NO,
        "Whether several machines see the same files by network and share a cache. The name of an"
        " image then stands for its device, whose number each machine chooses for itself.",
    )
    salt: str = setting(
        "",
        read.TEXT,
        "Part of every key and ETag: another text, and nothing that was kept is found again.",
    )
    secret: str = secret(
        "Signs what goes to memcached, where others can write: what is not signed is not sent."
        " The same for all who share it.",
    )


@dataclass(frozen=True)
class Memcached:
    """A cache that workers and machines share."""

    servers: tuple[str, ...] = setting(
        "",
        read.SERVERS,
        "Where memcached is: addresses, or paths of unix sockets. Empty: nowhere.",
        Variable("MEMCACHED_SERVERS", env.servers),
    )
    expiry: float = setting(
        "24h",
        read.seconds("0s", "720h"),
        "How long answers are kept there. 0s: until room is needed.",
        Variable("MEMCACHED_TIMEOUT", env.expiry),
    )
    timeout: float = setting(
        "40ms",
        read.seconds("1ms", "1s"),
        "How long a server may take to connect, or to answer. When slow answers have cost more than"
        " half as much in all, the servers are left alone for a while.",
    )
    back_off: float = setting(
        "10s",
        read.seconds("1s", "1h"),
        "How long servers that failed, or were slow, are left alone.",
    )
    item_max: int = setting(
        "1M",
        read.size("1K", "128M"),
        "The largest item that the servers take (their option -I). Larger answers are not kept.",
    )
    username: str = setting(
        "", read.TEXT, "For servers that ask for it (SASL, over TCP). Empty: none."
    )
    password: str = secret("For the same.")
