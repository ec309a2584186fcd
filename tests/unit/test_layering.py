"""Imports go down only, and every module has its layer (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "iipastro"
LAYERS = (  # high to low: a line may import the lines below it, never its own neighbours
    ("__main__",),
    ("cli", "iipsrv"),
    ("commands",),
    ("check", "control", "demo", "query"),
    ("showcase",),
    ("client", "sky"),
    ("daemon", "convert", "vector"),
    ("stop", "whole_file"),
    ("httpd",),
    ("wsgi",),
    ("handlers",),
    ("config", "log"),
    ("protocol", "images", "pixels", "encoders", "cache"),
    ("jobs",),
    ("geometry", "response"),
    ("view",),
    ("compiled", "errors"),
)
LEVEL_OF = {name: -number for number, line in enumerate(LAYERS) for name in line}


def layer_of(path: Path) -> str:
    """Return the layer of a module: the folder below the package, or the file's own name."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports_of(path: Path) -> Iterator[str]:
    """Yield the layer of each of our modules that a module imports, wherever in its text."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            module = (*base, *(node.module or "").split("."))
            names = [(*module, alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
        else:
            continue
        for parts in (tuple(filter(None, name)) for name in names):
            if parts[0] == "iipastro" and parts[1] != "__version__":
                yield parts[1]


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_lies_below(path):
    ours = layer_of(path)
    assert ours in LEVEL_OF, f"{ours} is in no line of LAYERS"
    for other in imports_of(path):
        assert other in LEVEL_OF, f"{other} is in no line of LAYERS"
        assert other == ours or LEVEL_OF[other] < LEVEL_OF[ours], f"{ours} imports {other}"


def test_the_package_itself_imports_nothing():
    assert list(imports_of(PACKAGE / "__init__.py")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from ..errors import Refused", ["errors"]),
        ("from .. import errors, view", ["errors", "view"]),
        ("from .. import __version__", []),
        ("from .tone import gamma", ["pixels"]),
        ("from . import tone", ["pixels"]),
        ("from ..images.source import Raw", ["images"]),
        ("import iipastro.images.source", ["images"]),
        ("from iipastro.images import open_source", ["images"]),
        ("from iipastro import images", ["images"]),
        ("def f():\n    from ..wsgi import respond", ["wsgi"]),
        ("import numpy as np", []),
        ("from numpy import float32", []),
    ],
)
def test_every_way_of_importing_is_seen(text, found, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / "iipastro" / "pixels" / "levels.py"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert list(imports_of(path)) == found
