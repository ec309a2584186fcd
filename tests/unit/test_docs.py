"""Every row of every table stands in its page, and what is made from tables is fresh."""

from __future__ import annotations

import configparser
import importlib
from pathlib import Path

import pytest

from iipastro import cli, commands, errors
from iipastro.config import Config
from iipastro.config.setting import rows_of, sections_of
from iipastro.control.options import SIGNALS
from iipastro.daemon.figures import FIGURES
from iipastro.protocol.commands import MODIFIERS, OBJECTS, OUTPUTS

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def make_docs():
    """Load scripts/make_docs.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "scripts")
        return importlib.import_module("make_docs")


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_what_is_made_is_fresh(make_docs):
    assert make_docs.stale() == []


def test_a_stale_page_is_named(make_docs, tmp_path):
    assert make_docs.stale(tmp_path) == list(make_docs.PAGES)
    for name in make_docs.PAGES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / "docs/reference/errors.md").write_text("old\n")
    assert make_docs.stale(tmp_path) == ["docs/reference/errors.md"]


@pytest.mark.parametrize("row", [*MODIFIERS, *OUTPUTS, *OBJECTS], ids=lambda row: row.name)
def test_a_command_is_documented(row):
    assert f"\n| `{row.name}` | " in page("commands.md")
    assert row.help.replace("|", "\\|") in page("commands.md")


@pytest.mark.parametrize("name", ["FIF", "OBJ"])
def test_what_is_no_row_is_documented_too(name):
    assert f"\n| `{name}` | " in page("commands.md")


@pytest.mark.parametrize("kind", sections_of(Config).values(), ids=sections_of(Config))
def test_a_setting_is_documented(kind):
    for key, row in rows_of(kind).items():
        assert f"\n| `{key}` | " in page("settings.md")
        assert row.help in page("settings.md")
        assert f"\n#{key} = {row.default}".rstrip() in (ROOT / "conf" / "iipastro.ini").read_text()


@pytest.mark.parametrize("command", cli.COMMANDS, ids=lambda command: command.name)
def test_a_subcommand_is_documented(command):
    text = page("cli.md").partition(f"\n## iipastro {command.name}\n")[2].partition("\n## ")[0]
    assert command.help in text
    for option in command.options:
        assert option.help.replace("|", "\\|") in text


def test_exit_codes_and_aliases_are_documented():
    for code, meaning in commands.EXIT_CODES.items():
        assert f"| {code} | {meaning} |" in page("cli.md")
    for alias in cli.ALIASES:
        assert f"`{alias}`" in page("cli.md")


@pytest.mark.parametrize("figure", [*FIGURES], ids=lambda figure: figure.name)
def test_a_figure_is_documented(figure):
    assert f"\n| `{figure.name}` | {figure.kind} | " in page("status.md")
    assert figure.help in page("status.md")


@pytest.mark.parametrize(("signal", "effect"), SIGNALS)
def test_a_signal_is_documented(signal, effect):
    assert f"| `{signal}` | {effect} |" in page("cli.md")


def test_every_manual_page_is_installed():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    installed = {
        path: folder
        for folder, paths in setup["options.data_files"].items()
        for path in paths.split()
    }
    assert installed == {
        f"docs/man/{found.name}": f"share/man/man{found.suffix[1:]}"
        for found in (ROOT / "docs" / "man").iterdir()
    }


@pytest.mark.parametrize(
    ("text", "roff"),
    [
        ("--low -1", r"\-\-low \-1"),
        ("a \\x41 ~ ^", r"a \ex41 \(ti \(ha"),
        (".ini\n'x", "\\&.ini\n\\(aqx"),
        ("give `--set` twice", r"give \fB\-\-set\fR twice"),
    ],
)
def test_no_text_is_a_command_to_roff(make_docs, text, roff):
    assert make_docs.make_man.prose(text) == roff


@pytest.mark.parametrize("kind", errors.Refused.__subclasses__(), ids=lambda kind: kind.__name__)
def test_an_error_is_documented(kind):
    assert f"| {kind.status} " in page("errors.md")
    assert f"| `{kind.__name__}` |" in page("errors.md")
