"""Which answer this is, and whether the client has it already (RFC 9110, 8.8 and 13)."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import NamedTuple

from ..cache.keys import PREFIX, key_of
from ..images.catalog import Opened
from ..jobs import Info, Job, Objects, Profile, Spectra
from ..response import Header, last_modified
from .caches import subject_of
from .rules import cache_control
from .service import Service
from .watermark import chance_of_mark, is_drawn_by_lot

_TAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
_ANY = "*"


class Conditions(NamedTuple):
    """What a client has, as it says."""

    tags: str = ""  # If-None-Match as it came; "" for none
    since: int | None = None  # If-Modified-Since, in seconds since 1970


NONE = Conditions()


def conditions_of(environ: Mapping[str, str]) -> Conditions:
    """Return the conditions of a request.

    A date counts only where no tag is given; one that makes no sense is passed over.
    """
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags:
        return Conditions(tags.strip())
    date = environ.get("HTTP_IF_MODIFIED_SINCE")
    return Conditions(since=_seconds(date)) if date else NONE


def _seconds(date: str) -> int | None:
    try:
        moment = parsedate_to_datetime(date)
        return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


class State(NamedTuple):
    """Which answer this is: what its headers tell, and what a client's copy is compared with."""

    key: str  # under which it is kept; "": it is not
    tag: str  # its strong ETag; "": not known before the answer is
    modified: int | None  # when its file was changed, in seconds since 1970; None: says nothing
    control: str  # Cache-Control
    by_lot: bool  # another one may come the next time
    manner: str = ""  # the end of its tag: how its headers are made

    def with_body(self, body: bytes) -> State:
        """Return the state of an answer that is made."""
        return self if self.tag else self._replace(tag=_tag(_hash(body), self.manner))


def state_of(job: Job, image: Opened | None, service: Service) -> State:
    """Return what is known of an answer before it is looked for."""
    by_lot = is_drawn_by_lot(job, service)
    control = cache_control(job.image, service.config, by_lot)
    manner = _manner(control, service.config.cors.origins)
    if image is None:
        return State("", "", None, control, by_lot, manner)
    key = answer_key(job, image, service)
    tag = _tag(key.removeprefix(PREFIX), manner) if key else ""
    return State(key, tag, _modified(job, image), control, by_lot, manner)


def _modified(job: Job, image: Opened) -> int | None:
    """Return the date of what an answer is of; None: it says nothing, or is still to come.

    Of a sequence, values and texts come from many files, which come and go.
    """
    several = len(image.horizontal) > 1 or len(image.vertical) > 1
    if not image.settled or (
        several and isinstance(job.output, Profile | Spectra | Objects | Info)
    ):
        return None
    modified = image.source.info.modified
    return modified if modified <= time.time() else None  # RFC 9110, 8.8.2.1


def _manner(control: str, origins: tuple[str, ...]) -> str:
    """Return eight letters that stand for what the settings put into headers.

    A 304 lets a cache go on with the headers that it has: those of CORS too,
    which say who may read the answer (RFC 9111, 4.3.4).  CRC-32 takes 1 µs.
    """
    return f"{zlib.crc32(repr((control, origins)).encode()):08x}"


def answer_key(job: Job, image: Opened, service: Service) -> str:
    """Return the key under which an answer is kept; "": it is not.

    Two requests have the same one if their answers are the same byte for byte:
    of the same file as it is now, shown in the same way by the same server.
    The image's name is no part of it.  Not kept is what is drawn by lot,
    pixels of several files, and what is of a file that may still be written.
    """
    of_many = len(image.horizontal) > 1 and isinstance(job.output, Profile | Spectra)
    if of_many or not image.settled or is_drawn_by_lot(job, service):
        return ""
    chance = chance_of_mark(job, service)
    return key_of(service.fingerprint, chance, *subject_of(job, image, service.config))


def headers_of(state: State) -> list[Header]:
    """Return what goes with a good answer, and with the message that the client has it."""
    headers = [("Cache-Control", state.control)]
    if state.modified is not None:
        headers.append(last_modified(state.modified))
    if state.tag:
        headers.append(("ETag", state.tag))
    return headers


def is_known(state: State, conditions: Conditions, made: bool = False) -> bool:
    """Return whether the client has the answer, as far as can be told; `made`: it exists.

    Before that only a tag counts, which nobody has of what does not exist: a
    date is no proof that a good answer would follow (RFC 9110, 13.2.1).  One
    that is drawn by lot is never known: who has one draw asks for another.
    """
    if state.by_lot:
        return False
    if conditions.tags == _ANY:
        return made
    if conditions.tags:
        return state.tag in _TAG.findall(conditions.tags)
    if not made or state.modified is None or conditions.since is None:
        return False
    return state.modified <= conditions.since


def _tag(text: str, manner: str) -> str:
    return f'"{text}{manner}"'


def _hash(body: bytes) -> str:
    return blake2b(body, digest_size=20).hexdigest()
