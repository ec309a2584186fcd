"""The status page: the figures of the service as text, JSON and OpenMetrics."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .. import __version__
from ..response import Response, answer
from .figures import (
    FIGURES,
    LATENCY,
    LATENCY_HELP,
    Figure,
    Look,
    buckets,
    look_at,
    processes,
    start_date,
    values,
)
from .scoreboard import Scoreboard

OPENMETRICS = "application/openmetrics-text"
_MIMES = {
    "text": "text/plain; charset=utf-8",
    "json": "application/json",
    "openmetrics": f"{OPENMETRICS}; version=1.0.0; charset=utf-8",
}


def status_page(environ: Mapping[str, str], board: Scoreboard) -> Response:
    """Return the page: `?json`, `?openmetrics` or `?text`, or what Accept says."""
    form = form_of(environ.get("QUERY_STRING", ""), environ.get("HTTP_ACCEPT", ""))
    body = _FORMS[form](look_at(board)).encode()
    return answer(_MIMES[form], body, ("Cache-Control", "no-store"))


def form_of(query: str, accept: str) -> str:
    """Return the form that is wanted: text, json or openmetrics."""
    if query in _MIMES:
        return query
    if OPENMETRICS in accept:
        return "openmetrics"
    return "json" if "application/json" in accept else "text"


def status_line(board: Scoreboard) -> str:
    """Return all figures in one line, for the error log.  Zeros of a label are left out."""
    pairs = [
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        for name, label, value in values(look_at(board))
        if value or not label
    ]
    return "status: " + " ".join(pairs)


# ---- text


def as_text(look: Look) -> str:
    """Return the page for people: the figures, and a table of the workers."""
    lines = [f"iipastro {__version__}, process {look.arbiter}, started {start_date(look)}", ""]
    lines += [
        f"{name:<28} {value:.1f}" if isinstance(value, float) else f"{name:<28} {value}"
        for name, _, value in values(look)
    ]
    lines += [f"{LATENCY + '.le.' + bound:<28} {count}" for bound, count in buckets(look)]
    lines += ["", _ROW.format(*_HEAD)]
    lines += [_ROW.format(*_cells(worker)) for worker in processes(look)]
    return "\n".join(lines) + "\n"


_HEAD = ("pid", "generation", "state", "uptime", "busy_for", "requests", "pss_MB", "asked")
_ROW = "{:>8} {:>10} {:<8} {:>9} {:>9} {:>10} {:>7}  {}"


def _cells(process: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        process["pid"],
        process["generation"],
        process["state"],
        f"{process['uptime_seconds']:.0f}",
        f"{process['busy_seconds']:.3f}",
        process["requests"],
        f"{process['pss_bytes'] / 1e6:.1f}",
        process["asked"],
    )


# ---- JSON


def as_json(look: Look) -> str:
    """Return the page for programs."""
    page: dict[str, object] = {
        "version": __version__,
        "process": look.arbiter,
        "started": start_date(look),
    }
    page |= {figure.name: figure.of(look) for figure in FIGURES}
    page[LATENCY] = {
        "count": sum(look.sums.buckets),
        "sum": look.sums.seconds,
        "buckets": dict(buckets(look)),
    }
    page["processes"] = list(processes(look))
    return json.dumps(page, indent=1) + "\n"


# ---- OpenMetrics


def as_openmetrics(look: Look) -> str:
    """Return the page for Prometheus and its kin (OpenMetrics 1.0)."""
    lines = [
        *_family("build", "info", "The program."),
        f'iipastro_build_info{{version="{__version__}"}} 1',
    ]
    for figure in FIGURES:
        lines += _family(figure.name, figure.kind, figure.help)
        lines += _samples(figure, look)
    lines += _family(LATENCY, "histogram", LATENCY_HELP)
    lines += [
        f'iipastro_{LATENCY}_bucket{{le="{_canonical(end)}"}} {count}'
        for end, count in buckets(look)
    ]
    lines += [
        f"iipastro_{LATENCY}_count {sum(look.sums.buckets)}",
        f"iipastro_{LATENCY}_sum {look.sums.seconds!r}",
        "# EOF",
    ]
    return "\n".join(lines) + "\n"


def _family(name: str, kind: str, about: str) -> list[str]:
    return [f"# TYPE iipastro_{name} {kind}", f"# HELP iipastro_{name} {about}"]


def _samples(figure: Figure, look: Look) -> Iterator[str]:
    name = f"iipastro_{figure.name}" + ("_total" if figure.kind == "counter" else "")
    found = figure.of(look)
    if not isinstance(found, Mapping):
        yield f"{name} {found!r}"
        return
    for word, value in found.items():
        yield f'{name}{{{figure.label}="{word}"}} {value!r}'


def _canonical(end: str) -> str:
    """Return a bound as OpenMetrics writes floats: with a point."""
    return end if "." in end or end == "+Inf" else f"{end}.0"


_FORMS: Mapping[str, Callable[[Look], str]] = {
    "text": as_text,
    "json": as_json,
    "openmetrics": as_openmetrics,
}
