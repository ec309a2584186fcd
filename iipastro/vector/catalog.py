"""The rows of a table → drafts: points, or circles and ellipses of the sizes that columns give."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from .columns import (
    DEGREES,
    IDS,
    LABELS,
    Places,
    angles_of,
    column_of,
    first_column,
    guess,
    numbers_of,
    unit_of,
)
from .draft import PIXEL, BadRow, Draft, InputError, Outline, Points, TrueShape
from .shapes import fault_of, is_sky, outlines, point
from .tables import Row, Table, unlike, value_of

_SLICE = 4096  # rows that are made at once
_HOURS = {"icrs", "fk5", "fk4"}  # frames in which sexagesimal longitudes are hours
RESERVED = ("label", "description", "shape")  # properties that are ours: a column gets a _


class Wanted(NamedTuple):
    """What the command line says of columns; None or nothing: to be guessed."""

    lng: str | None = None
    lat: str | None = None
    frame: str | None = None
    unit: str | None = None  # of the longitude: deg, hour or rad
    origin: int | None = None
    radius: str | None = None  # a column, or a number
    axes: str | None = None  # three columns: semi-axes and angle
    size_unit: str | None = None
    label: str | None = None
    id: str | None = None
    description: str | None = None
    prefer_pixels: bool = False


class _Plan(NamedTuple):
    table: Table
    places: Places
    sizes: tuple[Any, ...]  # columns, or one number
    size_scale: float
    label: int | None
    id: int | None
    described: tuple[int, ...]
    names: tuple[str, ...]  # of the properties


def has_coordinates(table: Table, wanted: Wanted) -> bool:
    """Whether a table has the columns that are wanted, or such as are known."""
    try:
        _places(table, wanted)
    except InputError:
        return False
    return True


def frame_of(table: Table, wanted: Wanted) -> str:
    """Return the frame of the coordinates of a table.  Raises InputError if it has none."""
    return _places(table, wanted).frame


def drafts_of(table: Table, wanted: Wanted) -> Iterator[Draft | BadRow]:
    """Yield the rows as drafts, and those of which none can be made, about in order."""
    if not table.names:
        return
    plan = _plan(table, wanted)
    count = 0
    while rows := list(islice(table.rows, _SLICE)):
        good = [row for row in rows if not isinstance(row, BadRow)]
        yield from (row for row in rows if isinstance(row, BadRow))
        yield from _drafts(plan, good, count)
        count += len(good)


def _places(table: Table, wanted: Wanted) -> Places:
    found = guess(table, wanted.prefer_pixels)
    if wanted.lng is not None and wanted.lat is not None:
        columns = column_of(table, wanted.lng), column_of(table, wanted.lat)
        if found is None or (found.lng, found.lat) != columns:
            units = [unit_of(table, column) for column in columns]
            found = Places(*columns, _frame_named(table, columns), 1, units[0], units[1])
    elif wanted.lng is not None or wanted.lat is not None:
        raise InputError("--lon and --lat go together")
    if found is None:
        known = ", ".join(table.names[:40])
        raise InputError(f"no columns of coordinates are known: give --lon and --lat from {known}")
    changes: dict[str, Any] = {"frame": wanted.frame, "origin": wanted.origin}
    changes["lng_unit"] = wanted.unit
    changes["lat_unit"] = "rad" if wanted.unit == "rad" else "deg" if wanted.unit else None
    return found._replace(**{name: value for name, value in changes.items() if value is not None})


def _frame_named(table: Table, columns: tuple[int, int]) -> str:
    """Return the frame of columns that were named: pixels where their unit says so."""
    return PIXEL if unit_of(table, columns[0]) == PIXEL else "icrs"


def _plan(table: Table, wanted: Wanted) -> _Plan:
    places = _places(table, wanted)
    sizes = _sizes(table, wanted)
    columns = [size for size in sizes if isinstance(size, int)]
    unit = wanted.size_unit or (unit_of(table, columns[0]) if columns else "") or "deg"
    scale = DEGREES.get(unit, 1.0) if is_sky(places.frame) else 1.0
    label = column_of(table, wanted.label) if wanted.label else first_column(table, LABELS)
    number = column_of(table, wanted.id) if wanted.id else first_column(table, IDS)
    texts = wanted.description.split(",") if wanted.description else []
    described = tuple(column_of(table, text.strip()) for text in texts)
    names = unlike([*RESERVED, *table.names])[len(RESERVED) :]
    return _Plan(table, places, sizes, scale, label, number, described, names)


def _sizes(table: Table, wanted: Wanted) -> tuple[int | float, ...]:
    if wanted.axes:
        names = [name.strip() for name in wanted.axes.split(",")]
        if len(names) != 3:
            raise InputError("--axes takes three columns: MAJOR,MINOR,ANGLE")
        return tuple(column_of(table, name) for name in names)
    if not wanted.radius:
        return ()
    try:
        return (float(wanted.radius),)
    except ValueError:
        return (column_of(table, wanted.radius),)


# ---- a slice of rows


def _drafts(plan: _Plan, rows: Sequence[Row], before: int) -> Iterator[Draft | BadRow]:
    places, faults = _placed(plan, rows)
    shapes = _shapes(plan, rows, faults)
    drawn = iter(_outlines(plan, places, shapes, faults))
    for number, row in enumerate(rows):
        if number in faults:
            yield BadRow(row[0], faults[number])
            continue
        properties, own = _properties(plan, row[1])
        name = before + number + 1 if own is None else own
        yield Draft(row[0], name, plan.places.frame, next(drawn), properties)


def _placed(plan: _Plan, rows: Sequence[Row]) -> tuple[Points, dict[int, str]]:
    """Return the coordinates of rows, (rows, 2), and what is wrong with some."""
    where = plan.places
    cells = [[row[1][column] for row in rows] for column in (where.lng, where.lat)]
    if is_sky(where.frame):
        hours = where.lng_unit == "hour" or (not where.lng_unit and where.frame in _HOURS)
        lngs, faults = angles_of(cells[0], where.lng_unit, hours)
        lats, more = angles_of(cells[1], where.lat_unit, False)
        for number in np.flatnonzero((np.abs(lats) > 90) | (np.abs(lngs) > 360)).tolist():
            more[number] = f"{lngs[number]:g}, {lats[number]:g} degrees are no place on the sky"
    else:
        lngs, faults = numbers_of(cells[0])
        lats, more = numbers_of(cells[1])
        lngs, lats = lngs + (1 - where.origin), lats + (1 - where.origin)
    for number in np.flatnonzero(~(np.isfinite(lngs) & np.isfinite(lats))).tolist():
        more.setdefault(number, "no coordinates")
    return np.stack([lngs, lats], axis=-1), more | faults


def _shapes(plan: _Plan, rows: Sequence[Row], faults: dict[int, str]) -> list[TrueShape]:
    """Return the shape of each row; nothing for points.  Adds what is wrong to `faults`."""
    if not plan.sizes:
        return []
    read = [_size(size, rows) for size in plan.sizes]
    for _, more in read:
        faults.update(more)
    halves = [values * plan.size_scale for values, _ in read[:2]]
    angles = read[2][0] if len(read) == 3 else np.zeros(len(rows))
    kind = "ellipse" if len(read) == 3 else "circle"
    shapes = [
        TrueShape(kind, (first, second), angle)
        for first, second, angle in zip(
            halves[0].tolist(), halves[-1].tolist(), angles.tolist(), strict=True
        )
    ]
    for number, shape in enumerate(shapes):
        if fault := fault_of(plan.places.frame, shape):
            faults.setdefault(number, fault)
    return shapes


def _size(size: int | float, rows: Sequence[Row]) -> tuple[Points, dict[int, str]]:
    if isinstance(size, float):
        return np.full(len(rows), size), {}
    return numbers_of([row[1][size] for row in rows])


def _outlines(
    plan: _Plan, places: Points, shapes: Sequence[TrueShape], faults: dict[int, str]
) -> Iterable[Outline]:
    """Return the outlines of the rows that have no fault."""
    good = [number for number in range(len(places)) if number not in faults]
    if not shapes:
        return (point(places[number : number + 1]) for number in good)
    return outlines(plan.places.frame, places[good], [shapes[number] for number in good])


def _properties(plan: _Plan, cells: Sequence[Any]) -> tuple[dict[str, Any], int | str | None]:
    """Return the properties of a row, and what identifies it; None if nothing does."""
    values = [value_of(cell) for cell in cells] if plan.table.is_text else cells
    properties = dict(zip(plan.names, values, strict=True))
    label = values[plan.label] if plan.label is not None else None
    if label is not None:
        properties["label"] = str(label)
    described = [f"{plan.table.names[n]}: {values[n]}" for n in plan.described]
    text = ", ".join([*([str(label)] if label is not None else []), *described])
    if text:
        properties["description"] = html.escape(text)
    own = values[plan.id] if plan.id is not None else None
    return properties, own if isinstance(own, (int, str)) else None
