"""Importing loads no more than it has to, and does nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "iipastro"
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if path.name != "__main__.py"
)
# What a module may not do while it is imported; reading modules is what an import is.
WATCHER = """
import sys
modules = sys.argv[1:]
def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        reads = isinstance(mode, str) and not set(mode) & set("wax+")
        if reads and str(path).endswith((".py", ".pyc", ".so")):
            return
        seen.append(f"open {path} {mode}")
    elif event.startswith(("socket.", "subprocess.", "os.mkdir", "os.remove", "os.fork")):
        seen.append(event)
seen = []
import argparse, email.utils, http, json, logging
import astropy.io.fits
import flup.server.fcgi_base, imagecodecs, numba, numpy, PIL.Image, tifffile, waitress
sys.dont_write_bytecode = True
sys.addaudithook(watch)
for module in modules:
    __import__(module)
    for what in seen:
        print(module, what)
    seen.clear()
"""


def run(*arguments: str) -> str:
    """Run Python in a process of its own and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=PACKAGE.parent,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "heavy", ["astropy", "tifffile", "matplotlib", "scipy", "waitress", "flup"]
)
def test_the_server_does_not_load_what_it_does_not_use(loaded_by_wsgi, heavy):
    assert heavy not in loaded_by_wsgi


@pytest.fixture(scope="module")
def loaded_by_wsgi() -> set[str]:
    """Return the modules that a worker has in memory before its first request."""
    program = "import json, sys, iipastro.wsgi; print(json.dumps(sorted(sys.modules)))"
    return set(json.loads(run(program)))


def test_an_import_does_nothing_else():
    assert run(WATCHER, *MODULES) == ""
