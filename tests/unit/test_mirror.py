"""tests/unit mirrors the package: every module has its test file, and the reverse."""

from __future__ import annotations

import ast
from pathlib import Path

UNIT = Path(__file__).parent
PACKAGE = UNIT.parents[1] / "iipastro"
OF_THE_HOUSE = {  # these test no module of ours
    "test_conftest.py",
    "test_docs.py",
    "test_imports.py",
    "test_layering.py",
    "test_mirror.py",
}


def expected() -> set[str]:
    """Return the test file of each module that holds more than a docstring."""
    names = set()
    for path in PACKAGE.rglob("*.py"):
        if len(ast.parse(path.read_text()).body) <= 1:  # the docstring of a package
            continue
        folder = path.relative_to(PACKAGE).parent
        stem = "init" if path.stem == "__init__" else path.stem
        names.add(str(folder / f"test_{stem}.py"))
    return names - {"test_init.py", "test___main__.py"}  # a version; a call


def present() -> set[str]:
    """Return the test files that there are."""
    return {str(path.relative_to(UNIT)) for path in UNIT.rglob("test_*.py")} - OF_THE_HOUSE


def test_every_module_has_its_tests():
    assert expected() - present() == set()


def test_every_test_file_has_its_module():
    assert present() - expected() == set()


def test_no_folder_of_tests_is_a_package():
    assert list(UNIT.parent.rglob("__init__.py")) == []
