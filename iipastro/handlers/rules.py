"""Rules of the configuration that hold for the images of some names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TypeVar

from ..config import Config
from ..config.setting import Rule
from ..images.selection import split_selection

_WHOSE = ("private", "public")

_Value = TypeVar("_Value")


def for_image(rules: Sequence[Rule], name: str, otherwise: _Value) -> _Value:
    """Return the value of the first rule that matches a name, or else `otherwise`.

    A name is matched in its plain form, so that no other way to write it
    escapes a rule; one with brackets also without them.
    """
    if rules:
        names = tuple(_plain(name))
        for pattern, value in rules:
            if any(fnmatchcase(each, pattern) for each in names):
                found: _Value = value
                return found
    return otherwise


def cache_control(name: str | None, config: Config, by_lot: bool = False) -> str:
    """Return the Cache-Control header of an answer about an image; None: about none.

    An answer drawn by lot is for the browser that asked: a cache for all would
    make one draw the only one.
    """
    http = config.http
    value = for_image(http.cache_rules, name, http.cache_control) if name else http.cache_control
    if not by_lot:
        return value
    words = (word.strip() for word in value.split(","))
    return ", ".join(["private", *(word for word in words if word.lower() not in _WHOSE)])


def plain_name(name: str) -> str:
    """Return a client's name without the parts that the sandbox passes over."""
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def _plain(name: str) -> Iterator[str]:
    """Yield the plain form of a name, and those of what stands before its brackets."""
    yield plain_name(name)
    split = split_selection(name)
    if split is not None:
        yield from _plain(split[0])
