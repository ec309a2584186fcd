"""From the text of a setting to its value.  A reader raises ValueError, never anything else."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from ..errors import BadArgument
from ..protocol import PROTOCOLS, Door
from ..protocol.iip import read_settings
from .setting import Reader, Rule

_Number = TypeVar("_Number", int, float)

_BYTES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SOCKET_PATH_BYTES = 107  # a socket address of Linux holds 108, the last one a NUL
_HOST_PORT = re.compile(r"(?!fd:|unix:)(?:\[[\w:.%]+\]|[\w.-]+|\*):([0-9]{1,5})", re.ASCII)
_SERVER = re.compile(r"/[!-+\--~]+|(?:\[[\w:.%]+\]|[\w.-]+)(?::([0-9]{1,5}))?", re.ASCII)
_ORIGIN = re.compile(
    r"\*|null|(?P<scheme>[a-z][a-z0-9+.-]*)://(?:\[[0-9a-f:.]+\]|(?:\*\.)?[\w.-]+)"
    r"(?::(?P<port>[0-9]{1,5}))?",
    re.ASCII,
)
_MAPPED = re.compile(r"([^\s?#>]*)=>([a-z0-9]+)", re.IGNORECASE | re.ASCII)
_USUAL_PORTS = {"http": "80", "https": "443"}
_LOG = "stderr|syslog(?::/.+)?|/.+"


def number(low: int, high: int) -> Reader:
    """Return the reader of a whole number between two bounds, both included."""
    return Reader(
        f"a whole number from {low} to {high}", lambda text: _bounded(_int(text), low, high)
    )


def size(low: str, high: str) -> Reader:
    """Return the reader of a count with K, M or G, which stand for powers of 1024."""
    return Reader(
        f"a size from {low} to {high}, such as 500, 64K or 2M",
        lambda text: _bounded(_size(text), _size(low), _size(high)),
    )


def seconds(low: str, high: str) -> Reader:
    """Return the reader of a time with its unit, in seconds."""
    return Reader(
        f"a time from {low} to {high}, such as 500ms, 30s or 2m",
        lambda text: _bounded(_seconds(text), _seconds(low), _seconds(high)),
    )


def fraction() -> Reader:
    """Return the reader of a number between 0 and 1, both included."""
    return Reader("a number from 0 to 1, such as 0.25", _fraction)


def rules(reader: Reader) -> Reader:
    """Return the reader of rules, one in each line: what holds for images of which names."""

    def read(text: str) -> Rule:
        pattern, arrow, value = text.partition("=>")
        _require(bool(arrow and pattern.strip()))
        return Rule(pattern.strip(), reader.read(value.strip()))

    takes = f"in each line a pattern of image names, =>, and {reader.takes}"
    return Reader(takes, read, lines=True)


def choice(values: Mapping[str, Any]) -> Reader:
    """Return the reader of one word out of a few, each of which stands for its value."""

    def read(text: str) -> Any:
        _require(text in values)
        return values[text]

    return Reader(" or ".join((", ".join([*values][:-1]), [*values][-1])), read)


def words(*names: str) -> Reader:
    """Return the reader of one word out of a few, kept as it is."""
    return choice({name: name for name in names})


def matching(pattern: str, takes: str) -> Reader:
    """Return the reader of a text that a regular expression describes, kept as it is."""

    def read(text: str) -> str:
        _match(pattern, text)
        return text

    return Reader(takes, read)


def _require(good: bool) -> None:
    if not good:
        raise ValueError


def _bounded(value: _Number, low: _Number, high: _Number) -> _Number:
    _require(low <= value <= high)
    return value


def _match(pattern: str | re.Pattern[str], text: str) -> re.Match[str]:
    match = re.fullmatch(pattern, text)
    if match is None:
        raise ValueError
    return match


def _int(text: str) -> int:
    return int(_match("-?[0-9]{1,12}", text)[0])


def _size(text: str) -> int:
    count, unit = _match("([0-9]{1,12})([KMG]?)", text.upper()).groups()
    return int(count) * _BYTES[unit]


def _seconds(text: str) -> float:
    count, unit = _match(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)(ms|[smh])", text).groups()
    return float(count) * _SECONDS[unit]


def _fraction(text: str) -> float:
    return _bounded(float(_match(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", text)[0]), 0.0, 1.0)


def _listen(text: str) -> str:
    if text.startswith("unix:/"):
        _require(len(os.fsencode(text.removeprefix("unix:"))) <= _SOCKET_PATH_BYTES)
    elif text not in {"fd:0", "systemd"}:
        _bounded(int(_match(_HOST_PORT, text)[1]), 1, 65535)
    return text


def _workers(text: str) -> int:
    return os.cpu_count() or 1 if text == "auto" else _bounded(_int(text), 1, 1024)


def _exports(text: str) -> int:
    return 0 if text == "auto" else _bounded(_int(text), 1, 1024)


def _servers(text: str) -> tuple[str, ...]:
    servers = tuple(item.strip() for item in text.split(",")) if text else ()
    for server in servers:
        _bounded(int(_match(_SERVER, server)[1] or 1), 1, 65535)
        _require(len(server) <= _SOCKET_PATH_BYTES)
    return servers


def _origins(text: str) -> tuple[str, ...]:
    return tuple(_origin(item.strip()) for item in text.split(",")) if text else ()


def _origin(text: str) -> str:
    """Return an origin as browsers write it: in lower case, without the port that goes unsaid."""
    origin = text.lower()
    scheme, port = _match(_ORIGIN, origin).group("scheme", "port")
    _bounded(int(port or 1), 1, 65535)
    return origin.removesuffix(f":{port}") if _USUAL_PORTS.get(scheme) == port else origin


def _settings(text: str) -> tuple[tuple[str, Any], ...]:
    try:
        return tuple(read_settings(text).items())
    except BadArgument as error:
        raise ValueError from error


def _uri_map(text: str) -> tuple[Door, ...]:
    """Return the entries with the longest prefix first."""
    doors = [_door(item.strip()) for item in text.split(",")] if text else []
    _require(len({door.prefix for door in doors}) == len(doors))
    return tuple(sorted(doors, key=lambda door: -len(door.prefix)))


def _door(text: str) -> Door:
    prefix, name = _match(_MAPPED, text).groups()
    path = prefix.strip("/")
    known = {protocol.lower(): protocol for protocol in PROTOCOLS}
    _require(name.lower() in known)
    return Door(f"/{path}" if path else "", known[name.lower()])


def _delimiter(text: str) -> str:
    return _match('(?:"([!#$&-.0-~]{1,8})"|([!#$&-.0-~]{1,8}))?', text).expand(r"\1\2")


def _json_object(text: str) -> dict[str, Any]:
    value = json.loads(text, parse_constant=_refuse) if text else {}
    _require(isinstance(value, dict))
    return dict(value)


def _refuse(_: str) -> None:
    """Refuse NaN and Infinity, which no client could read."""
    raise ValueError


TEXT = Reader("a text, or nothing", str)
PATH = matching(".+", "a path")
YES_NO = choice({"yes": True, "no": False})
OCTAL_MODE = Reader(
    "permissions in octal, such as 0660", lambda text: int(_match("0?[0-7]{3}", text)[0], 8)
)
LOG_TARGET = matching(_LOG, "stderr, syslog, syslog:/SOCKET or an absolute path")
ACCESS_LOG = matching(f"off|{_LOG}", "off, stderr, syslog, syslog:/SOCKET or an absolute path")
SLOW_LOG = matching(
    f"off|error_log|{_LOG}", "off, error_log, stderr, syslog, syslog:/SOCKET or an absolute path"
)
URL_PATH = matching(r'|/[!"$->@-~]*', "a path such as /status, or nothing")
LISTEN = Reader("unix:/PATH (107 bytes at most), HOST:PORT, fd:0 or systemd", _listen)
WORKERS = Reader("auto, or a whole number from 1 to 1024", _workers)
EXPORTS = Reader("auto, or a whole number from 1 to 1024", _exports)  # 0: auto
ORIGINS = Reader(
    "*, or origins with commas, such as https://example.org (no path) and https://*.example.org",
    _origins,
)
SERVERS = Reader("servers with commas, such as 10.0.0.1, host:11212 or /run/m.sock", _servers)
SETTINGS = Reader("commands such as GAM=0.45&CMP=jet (not RGN, WID, HEI, ROT)", _settings)
HEADER_VALUE = matching("[ -~]+", "a header value in ASCII")
BASE_URL = matching(
    r"|https?://[!#-;=?-\[\]_a-z~]+", "the beginning of a URL with http or https, or nothing"
)
HEADER_NAME = matching("|[A-Za-z0-9-]+", "the name of a header, or nothing")
DELIMITER = Reader('one to eight characters but / and %, in quotes or not, such as ";"', _delimiter)
JSON_OBJECT = Reader('a JSON object such as {"a": 1}, or nothing', _json_object)
URI_MAP = Reader(
    f"entries prefix=>protocol with commas; protocols are {', '.join(PROTOCOLS)}", _uri_map
)
