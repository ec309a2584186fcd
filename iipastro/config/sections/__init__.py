"""Every setting: a class for each section of the ini file, a row for each key (operations.md 1).

A row holds the default as text, the reader of that text, the help and, where
there is one, the variable of iipsrv.  The ini file, the reference page and
`print-config` come from these rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .answers import Cors, Encoding, Http, Limits
from .caches import Cache, Memcached
from .doors import Doors
from .files import Fits, Images
from .iiif import Iiif
from .processes import Server
from .sight import Log, Status
from .watermark import Watermark


@dataclass(frozen=True)
class Config:
    """The whole configuration: made once, passed down, never changed."""

    server: Server = field(default_factory=Server)
    log: Log = field(default_factory=Log)
    status: Status = field(default_factory=Status)
    images: Images = field(default_factory=Images)
    fits: Fits = field(default_factory=Fits)
    encoding: Encoding = field(default_factory=Encoding)
    cors: Cors = field(default_factory=Cors)
    http: Http = field(default_factory=Http)
    doors: Doors = field(default_factory=Doors)
    iiif: Iiif = field(default_factory=Iiif)
    limits: Limits = field(default_factory=Limits)
    cache: Cache = field(default_factory=Cache)
    memcached: Memcached = field(default_factory=Memcached)
    watermark: Watermark = field(default_factory=Watermark)
