"""The validator of the IIIF consortium asks the running server, through nginx, at level 2.

It looks at a picture of its own: ten times ten squares of 100 pixels, whose
colours it names.  Here they are painted by those names.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

pytestmark = pytest.mark.integration

IDENTIFIER = "67352ccc-d1b0-11e1-89ae-279075081939"  # its own; the hyphens are for its test of %2D
VALIDATE = Path(sys.executable).with_name("iiif-validate.py")
COLOURS = (
    "import json; from iiif_validator.validator import ValidationInfo as Info; "
    "print(json.dumps(Info().colorInfo))"
)
LEVEL_2 = (  # path, version, how many tests it has up to level 2; those of 2.0 hold for 2.1 too
    ("iiif/2", "2.0", 30),
    ("iiif/2", "2.1.1", 1),  # region_square
    ("iiif/3", "3.0", 33),
)
BEYOND = "format_tif", "linkheader_canonical", "linkheader_profile", "rot_mirror", "rot_mirror_180"
MORE = (  # what level 2 does not ask for, and we have
    ("iiif/2", "2.0", (*BEYOND, "size_up")),
    ("iiif/2", "2.1", ("region_square",)),
    ("iiif/3", "3.0", BEYOND),
)


def run(tools, *words):
    """Run a program of the validator, without the proxies of this machine; return what it says."""
    tools.find("file", "file")  # and with it libmagic
    if not VALIDATE.exists():
        pytest.skip("iiif-validator is not installed")
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, timeout=500,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def paint(path, colours):
    """Write the picture as a pyramid of four levels.  `colours` is by column, then by row."""
    squares = np.array(colours, np.uint8).transpose(1, 0, 2)
    full = squares.repeat(100, axis=0).repeat(100, axis=1)
    with tifffile.TiffWriter(path) as file:
        for step in (1, 2, 4, 8):
            file.write(
                np.ascontiguousarray(full[::step, ::step]), tile=(256, 256), photometric="rgb",
                compression="deflate", subfiletype=0 if step == 1 else 1, metadata=None,
            )  # fmt: skip


@pytest.fixture(scope="module")
def site(doors, tools):
    _, said, errors = run(tools, "-c", COLOURS)
    assert said, errors
    paint(doors.images / IDENTIFIER, json.loads(said.splitlines()[-1]))
    return doors()


def validate(site, tools, prefix, version, *words):
    """Return the names of the tests that passed, and all that was said."""
    _, said, errors = run(
        tools, str(VALIDATE), "-s", f"127.0.0.1:{site.port}", "-p", prefix, "-i", IDENTIFIER,
        f"--version={version}", "-v", *words,
    )  # fmt: skip
    passed = re.findall(r"^\[\d+\] test (\w+) PASS$", errors, re.MULTILINE)
    return passed, said + errors


@pytest.mark.parametrize(("prefix", "version", "tests"), LEVEL_2)
def test_all_tests_of_level_2_pass(site, tools, prefix, version, tests):
    passed, said = validate(site, tools, prefix, version, "--level=2")
    assert f"Done ({tests} tests, 0 failures)" in said, said
    assert len(passed) == tests


def test_an_address_of_both_versions_passes_all_but_what_version_2_has_besides(site, tools):
    """`full` as a size: who has the document of version 2 asks for it."""
    passed, said = validate(site, tools, "iiif", "3.0", "--level=2")
    assert "Done (33 tests, 1 failures)" in said, said
    assert len(passed) == 32
    assert "size_nofull" not in passed


@pytest.mark.parametrize(("prefix", "version", "names"), MORE)
def test_what_goes_beyond_level_2_passes_too(site, tools, prefix, version, names):
    words = [f"--test={name}" for name in names]
    passed, said = validate(site, tools, prefix, version, *words)
    assert sorted(passed) == sorted(names), said
