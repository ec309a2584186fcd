"""Write the reference pages and the ini file from the tables that they describe.

With --check: write nothing, name what is stale, and exit with 1 if anything is.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import make_man

from iipastro import cli, commands, errors
from iipastro.config.reference import ini_text, settings_page
from iipastro.control.options import SIGNALS
from iipastro.daemon.figures import FIGURES, LATENCY, LATENCY_HELP
from iipastro.protocol.commands import MODIFIERS, OBJECTS, OUTPUTS, Command

ROOT = Path(__file__).parents[1]
MADE = "Made from the tables of the code by `scripts/make_docs.py`."


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table in Markdown."""
    lines = [
        head,
        ["---"] * len(head),
        *([cell.replace("|", "\\|") for cell in row] for row in rows),
    ]
    return [f"| {' | '.join(line)} |" for line in lines]


def page(*lines: str) -> str:
    """Return a page that ends in one line end."""
    return "\n".join(lines).rstrip("\n") + "\n"


# ---- the commands of the protocol


def commands_page() -> str:
    """Return the reference of what a query may say."""
    return page(
        "# Commands",
        "",
        MADE,
        "",
        "A query is a list of `name=argument`, with `&` between them, read from left to right.",
        "Names are taken in any case. `FIF` names the image; the setters change how what follows",
        "them is shown; one output, or any number of `OBJ`, says what is wanted. Numbers are read",
        "as C reads them: as far as they go, 0 if they do not begin. Levels count from 0, the",
        "smallest.",
        "",
        "| command | argument | what it does |",
        "| --- | --- | --- |",
        "| `FIF` | `<name>` | Name the image, below the root of the configuration. |",
        "| `OBJ` | `<name>` | Ask for a fact of the image, or of the server. |",
        "",
        "## Setters",
        "",
        *_command_table(MODIFIERS),
        "",
        "## Outputs",
        "",
        *_command_table(OUTPUTS),
        "",
        "## Names that OBJ takes",
        "",
        *table(("name", "answer"), ((f"`{row.name}`", row.help) for row in OBJECTS)),
    )


def _command_table(rows: Iterable[Command]) -> list[str]:
    cells = ((f"`{row.name}`", _usage(row.usage), row.help) for row in rows)
    return table(("command", "argument", "what it does"), cells)


def _usage(text: str) -> str:
    return f"`{text}`" if text else "none"


# ---- the command line


def cli_page() -> str:
    """Return the reference of `iipastro`."""
    lines = ["# Command line", "", MADE, "", "```", "iipastro COMMAND [OPTIONS]", "```", ""]
    for command in cli.COMMANDS:
        lines += [f"## iipastro {command.name}", "", command.help, ""]
        aliases = [f"`{alias}`" for alias, name in cli.ALIASES.items() if name == command.name]
        if aliases:
            lines += [f"Also as {' or '.join(aliases)}.", ""]
        if command.options:
            rows = ((_option(option), option.help) for option in command.options)
            lines += [*table(("option", "what it does"), rows), ""]
    codes = ((str(code), meaning) for code, meaning in commands.EXIT_CODES.items())
    signals = ((f"`{name}`", what) for name, what in SIGNALS)
    return page(
        *lines,
        "## Signals",
        "",
        "They are for the process whose number [server] pid_file holds.",
        "",
        *table(("signal", "effect"), signals),
        "",
        "## Exit codes",
        "",
        *table(("code", "meaning"), codes),
    )


def _option(option: cli.Option) -> str:
    metavar = option.more.get("metavar", "")
    return (
        f"`{option.name} {metavar}`"
        if metavar and option.name[0] == "-"
        else f"`{metavar or option.name}`"
    )


# ---- the status page


def status_page() -> str:
    """Return the reference of the figures."""
    rows = [(f"`{row.name}`", row.kind, _labelled(row.label), row.help) for row in FIGURES]
    rows.append((f"`{LATENCY}`", "histogram", "`le`", LATENCY_HELP))
    return page(
        "# The figures of the status page",
        "",
        MADE,
        "",
        "As text a figure with a label is `name.value`, in JSON an object, and in OpenMetrics",
        '`iipastro_name{label="value"}`, where the names of counters end in `_total`. Counters',
        "begin with 0 when the service is started, and are kept over reloads. How to get the page",
        "is told in [the guide](../guide/monitoring.md).",
        "",
        *table(("figure", "kind", "label", "what it is"), rows),
    )


def _labelled(label: str) -> str:
    return f"`{label}`" if label else ""


# ---- the errors


def errors_page() -> str:
    """Return the reference of what a request may be refused with."""
    refusals = [kind for kind in vars(errors).values() if _is_refusal(kind)]
    rows = sorted((kind.status, kind.__name__, _first_line(kind)) for kind in refusals)
    statuses = ((str(status), f"`{name}`", why) for status, name, why in rows)
    return page(
        "# Errors",
        "",
        MADE,
        "",
        "The body of a refusal is one line of plain text, which never holds a path of the server.",
        "Anything else that goes wrong is our own fault: a 500, and a line in the error log.",
        "",
        *table(("status", "error", "when"), statuses),
        "",
        "## Error lines of IIP",
        "",
        "What a request asks wrongly in IIP's own terms is answered by a 400 whose body holds a",
        "line `Error/<length>:<code> <argument>` for each fault, cut at 31 characters.",
        "",
        *table(
            ("code", "when", "argument"),
            (
                (
                    "`1 3`",
                    "The image is missing that something was asked of.",
                    "the object, or nothing",
                ),
                ("`2 1`", "Nothing was asked for.", "the query"),
                ("`2 2`", "There is no such command.", "the command"),
                ("`3 2`", "There is no such object.", "the object"),
            ),
        ),
    )


def _is_refusal(kind: object) -> bool:
    return inspect.isclass(kind) and issubclass(kind, errors.Refused) and kind is not errors.Refused


def _first_line(kind: type[object]) -> str:
    return (inspect.getdoc(kind) or "").splitlines()[0]


# ---- the files


PAGES: dict[str, Callable[[], str]] = {
    "conf/iipastro.ini": ini_text,
    "docs/reference/settings.md": settings_page,
    "docs/reference/commands.md": commands_page,
    "docs/reference/cli.md": cli_page,
    "docs/reference/errors.md": errors_page,
    "docs/reference/status.md": status_page,
    **make_man.PAGES,
}


def stale(root: Path = ROOT) -> list[str]:
    """Return the files that are missing, or not what the tables say now."""
    return [name for name, make in PAGES.items() if _text_of(root / name) != make()]


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def main(argv: Sequence[str] | None = None) -> int:
    """Write what is stale, or only name it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if stale")
    check = parser.parse_args(argv).check
    names = stale()
    for name in names:
        if not check:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"{name} is stale: run scripts/make_docs.py" if check else f"wrote {name}")
    return int(check and bool(names))


if __name__ == "__main__":
    sys.exit(main())
