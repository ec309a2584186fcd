"""How iipsrv reads its environment, told in the texts of our ini file (spec 8).

Numbers are C's: any text is one, 0 if it does not begin with a digit.
"""

from __future__ import annotations

from ..protocol.arguments import c_int
from .setting import Variable

_LEVELS = ("error", "notice", "info", "debug")
_TIFF_COMPRESSIONS = ("none", "lzw", "deflate", "jpeg", "webp")  # any other number is 0 to iipsrv
_MAPPED = frozenset({"iip", "iiif", "deepzoom", "zoomify"})


def clamped(name: str, low: int, high: int) -> Variable:
    """Return a variable that iipsrv cuts to the range it allows."""
    return Variable(name, lambda text: str(min(max(c_int(text), low), high)))


def switch(name: str, off: str, on: str) -> Variable:
    """Return a variable of which 0 means one thing and any other number the other."""
    return Variable(name, lambda text: on if c_int(text) else off)


def level(text: str) -> str:
    """Translate VERBOSITY."""
    return _LEVELS[min(max(c_int(text), 0), 3)]


def log_target(text: str) -> str:
    """Translate LOGFILE.  A service manager takes stderr to syslog."""
    return "stderr" if text.strip() in {"", "syslog"} else text.strip()


def tiff_compression(text: str) -> str:
    """Translate TIFF_COMPRESSION."""
    return dict(enumerate(_TIFF_COMPRESSIONS)).get(c_int(text), "none")


def icc_limit(text: str) -> str:
    """Translate MAX_ICC, of which -1 means no limit: more than 16M no JPEG file can hold."""
    limit = c_int(text)
    return "16M" if limit < 0 else str(min(limit, 2**24))


def uri_map(text: str) -> str:
    """Translate URI_MAP, which iipsrv ignores unless it names a protocol it knows (spec 1.9)."""
    _, arrow, protocol = text.strip().partition("=>")
    return text.strip() if arrow and protocol.lower() in _MAPPED else ""
