"""The command `iipastro regions`: one input → one file of GeoJSON."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from io import TextIOWrapper
from itertools import chain, islice
from typing import NamedTuple, TextIO

from ..errors import printable
from ..stop import Stopped, stoppable
from ..whole_file import names_of, whole_file
from . import geojson
from .catalog import Wanted, drafts_of, frame_of, has_coordinates
from .draft import PIXEL, BadRow, Draft, InputError
from .ds9 import read_ds9
from .options import SUFFIXES
from .shapes import is_sky
from .tables import Table, read_fits, read_text, read_votable
from .wcs import Target, read_wcs

_SLICE = 2048  # drafts that are converted at once
_TOLD = 50  # bad rows that are told one by one


@dataclass(frozen=True)
class Settings:
    """What is asked for."""

    input: str
    output: str
    format: str | None = None
    delimiter: str | None = None
    table: int | None = None
    columns: Wanted = field(default_factory=Wanted)
    wcs: str | None = None
    to: str | None = None  # sky or pixel; None: as the input
    sky_frame: str = "icrs"
    skip_bad: bool = False


@dataclass
class Report:
    """What came of it."""

    features: int = 0
    bad: int = 0
    written: bool = False
    messages: list[str] = field(default_factory=list)


class _Input(NamedTuple):
    drafts: Iterator[Draft | BadRow]
    frame: str | None  # None: that of the first draft
    counted: str  # what the numbers of bad rows count


def run_command(arguments: argparse.Namespace) -> int:
    """Do what a command line asks for, and return its exit code."""
    given = vars(arguments)
    columns = Wanted(
        **{name: given[name] for name in Wanted._fields if name in given},
        prefer_pixels=given["to"] == "pixel",
    )
    names = {one.name for one in fields(Settings)} - {"columns"}
    settings = Settings(columns=columns, **{name: given[name] for name in names})
    try:
        with stoppable():
            report = convert(settings)
    except InputError as error:
        report = Report(messages=[str(error)])
    except OSError as error:
        reason = error.strerror or error
        report = Report(messages=[f"{settings.output} cannot be written: {reason}"])
    except Stopped as stop:
        report = Report(messages=[f"{stop}; nothing was written"])
    for message in report.messages:
        sys.stderr.write(f"iipastro: {printable(message)}\n")
    if not report.written:
        return 1
    sys.stdout.write(f"{report.features} features in {printable(settings.output)}\n")
    return 0


def convert(settings: Settings) -> Report:
    """Write the input as GeoJSON.  With bad rows nothing is written, unless they may be skipped.

    Raises InputError for an input that cannot be used as a whole, OSError where the output
    cannot be written.
    """
    inputs = [name for name in (settings.input, settings.wcs) if name and os.path.exists(name)]
    for name in filter(os.path.exists, names_of(settings.output)):
        if any(os.path.samefile(given, name) for given in inputs):
            raise InputError(f"{name} is an input")
    image = read_wcs(settings.wcs) if settings.wcs else None
    given = _open(settings)
    frame, drafts = _first_frame(given)
    to = settings.to or ("sky" if frame is None or is_sky(frame) else "pixel")
    target = Target(PIXEL if to == "pixel" else settings.sky_frame, image)
    report = Report()
    with _replaced(settings.output) as file:
        file.write(geojson.head(target.frame, os.path.basename(settings.input)))
        texts = _counted(_features(drafts, target), report, settings, given.counted)
        file.writelines(geojson.joined(texts))
        file.write(geojson.TAIL)
        report.written = settings.skip_bad or not report.bad
        if not report.written:
            raise _Unwanted
    if report.bad > _TOLD:
        report.messages.append(f"{report.bad - _TOLD} more of them")
    if not report.features and not report.bad:
        report.messages.append(f"warning: {settings.input} is empty: no features")
    return report


class _Unwanted(Exception):
    """What was written shall not appear."""


@contextmanager
def _replaced(path: str) -> Iterator[TextIO]:
    """Open a file of text that takes the place of `path`, unless _Unwanted is raised."""
    with suppress(_Unwanted), whole_file(path) as file:
        text = TextIOWrapper(file, encoding="utf-8")
        try:
            yield text
        finally:
            text.detach()  # flushes; whole_file closes


def _features(drafts: Iterator[Draft | BadRow], target: Target) -> Iterator[str | BadRow]:
    while some := list(islice(drafts, _SLICE)):
        yield from (one for one in some if isinstance(one, BadRow))
        yield from geojson.features([one for one in some if isinstance(one, Draft)], target)


def _counted(
    found: Iterable[str | BadRow], report: Report, settings: Settings, counted: str
) -> Iterator[str]:
    """Yield the texts of features; count them, and tell what is bad: once of a line of many."""
    last: BadRow | None = None
    for one in found:
        if isinstance(one, str):
            report.features += 1
            yield one
            continue
        if one == last:
            continue
        last = one
        report.bad += 1
        if report.bad <= _TOLD:
            report.messages.append(f"{settings.input}, {counted} {one.number}: {one.reason}")


def _first_frame(given: _Input) -> tuple[str | None, Iterator[Draft | BadRow]]:
    """Return the frame of the input, and its drafts."""
    if given.frame is not None:
        return given.frame, given.drafts
    seen: list[Draft | BadRow] = []
    for one in given.drafts:
        seen.append(one)
        if isinstance(one, Draft):
            return one.frame, chain(seen, given.drafts)
    return None, iter(seen)


# ---- formats


def _open(settings: Settings) -> _Input:
    kind = settings.format or format_of(settings.input)
    if kind == "ds9":
        return _Input(read_ds9(settings.input, settings.columns.frame), None, "line")
    table = _table(settings, kind)
    if not table.names:
        return _Input(iter(()), settings.columns.frame, "line")
    drafts = drafts_of(table, settings.columns)
    frame = frame_of(table, settings.columns)
    return _Input(drafts, frame, "line" if table.is_text else "row")


def _table(settings: Settings, kind: str) -> Table:
    def known(table: Table) -> bool:
        return has_coordinates(table, settings.columns)

    if kind == "fits":
        return read_fits(settings.input, settings.table, known)
    if kind == "votable":
        return read_votable(settings.input, settings.table, known)
    return read_text(settings.input, settings.delimiter)


def format_of(path: str) -> str:
    """Return the format of a file, by what it begins with, else by its suffix.

    Raises InputError for one that neither tells.
    """
    try:
        with open(path, "rb") as file:
            first = file.read(1024)
    except OSError as error:
        raise InputError(f"{path} cannot be opened: {error.strerror}") from error
    if first.startswith(b"SIMPLE  ="):
        return "fits"
    if first.startswith(b"\x1f\x8b"):
        raise InputError(f"{path} is compressed: gunzip it first")
    if b"<VOTABLE" in first:
        return "votable"
    if first.startswith(b"# Region file format: DS9"):
        return "ds9"
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise InputError(f"{path} has no suffix that is known: give --format")
    return SUFFIXES[suffix]
