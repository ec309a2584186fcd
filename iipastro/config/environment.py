"""How iipsrv reads its environment, told in the texts of our ini file (spec 8).

Numbers are C's: any text is one, 0 if it does not begin with a digit.
"""

from __future__ import annotations

import math
import os
import re

from ..protocol.arguments import c_float, c_int
from .readers import URI_MAP
from .setting import Variable

_LEVELS = ("error", "notice", "info", "debug")
_TIFF_COMPRESSIONS = ("none", "lzw", "deflate", "jpeg", "webp")  # any other number is 0 to iipsrv


def clamped(name: str, low: int, high: int) -> Variable:
    """Return a variable that iipsrv cuts to the range it allows."""
    return Variable(name, lambda text: str(min(max(c_int(text), low), high)))


def fraction(name: str) -> Variable:
    """Return a variable that iipsrv cuts to the range from 0 to 1."""
    return Variable(name, lambda text: f"{min(max(_number(text), 0.0), 1.0):.9f}")


def _number(text: str) -> float:
    number = c_float(text)
    return 0.0 if math.isnan(number) else number


def switch(name: str, off: str, on: str) -> Variable:
    """Return a variable of which 0 means one thing and any other number the other."""
    return Variable(name, lambda text: on if c_int(text) else off)


def unless_empty(text: str) -> str | None:
    """Take an empty variable as one that is not set."""
    return text.strip() or None


def level(text: str) -> str:
    """Translate VERBOSITY."""
    return _LEVELS[min(max(c_int(text), 0), 3)]


def log_target(text: str) -> str:
    """Translate LOGFILE: a path from here, unless it is one of two words."""
    target = text.strip() or "stderr"
    return target if target in {"stderr", "syslog"} else os.path.abspath(target)


def tiff_compression(text: str) -> str:
    """Translate TIFF_COMPRESSION."""
    return dict(enumerate(_TIFF_COMPRESSIONS)).get(c_int(text), "none")


def icc_limit(text: str) -> str:
    """Translate MAX_ICC, of which -1 means no limit: more than 16M no JPEG file can hold."""
    limit = c_int(text)
    return "16M" if limit < 0 else str(min(limit, 2**24))


def megabytes(text: str) -> str:
    """Translate MAX_IMAGE_CACHE_SIZE, in megabytes of 1 024 000 bytes."""
    return str(int(min(max(_number(text), 0.0), 9e5) * 1_024_000))


def servers(text: str) -> str:
    """Translate MEMCACHED_SERVERS, with commas or blanks."""
    return ",".join(text.replace(",", " ").split())


def expiry(text: str) -> str:
    """Translate MEMCACHED_TIMEOUT: memcached takes more than thirty days for a date."""
    return f"{min(max(c_int(text), 0), 30 * 86400)}s"


def origins(text: str) -> str:
    """Translate CORS, one literal value to iipsrv: several origins may stand there, by blanks."""
    return ",".join(_origin(item) for item in re.split("[ ,]+", text.strip(", \t\r\n")))


def _origin(text: str) -> str:
    """Return an origin as browsers write it: without a slash at its end, in lower case."""
    return text.removesuffix("/").lower() if "://" in text else text


def iiif_version(text: str) -> str | None:
    """Translate IIIF_VERSION, of which less than 1 means that nothing is said."""
    version = c_int(text)
    return None if version < 1 else str(min(max(version, 2), 3))


def json_object(text: str) -> str:
    """Translate IIIF_EXTRA_INFO: members of a JSON object, to iipsrv without its braces."""
    stripped = text.strip()
    return f"{{{stripped}}}" if stripped and not stripped.startswith("{") else stripped


def uri_map(text: str) -> str:
    """Translate URI_MAP, which iipsrv ignores unless it names a protocol it knows (spec 1.9).

    What cannot be a prefix is ignored too.
    """
    try:
        URI_MAP.read(text.strip())
    except ValueError:
        return ""
    return text.strip()
