"""The client's world coordinates against astropy: ten thousand points for every projection."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
ANSWERS = ROOT / "client_static" / "tests" / "unit" / "core" / "wcs" / "answers.mjs"
POINTS = 10_000
DEGREES, PIXELS = 1e-8, 1e-6
CYLINDERS = {"CAR", "CEA", "MER"}  # ours go on where astropy's end, 180° from the middle


def tables():
    """Return the script that has the headers and asks astropy."""
    spec = importlib.util.spec_from_file_location(
        "make_wcs_tables", ROOT / "scripts" / "make_wcs_tables.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CASES = tables().CASES


@pytest.mark.parametrize("name", CASES)
def test_astropy_agrees_both_ways(name, plain_node):
    case = tables().table([name], POINTS, seed=20261122)[0]
    done = subprocess.run(
        [plain_node, ANSWERS], input=json.dumps([case]), capture_output=True, check=True, text=True
    )
    answer = json.loads(done.stdout)[0]
    expected = np.array(case["points"], dtype=float)  # None is NaN
    on_sky = ~np.isnan(expected[:, 2])
    sky = pairs(answer["sky"])
    assert (~np.isnan(sky[on_sky, 0])).all()
    if answer["projection"] not in CYLINDERS:
        assert np.isnan(sky[~on_sky, 0]).all()
    assert separations(sky[on_sky], expected[on_sky, 2:]).max() < DEGREES
    away = pairs(answer["pixels"])[on_sky] - expected[on_sky, :2]
    assert np.hypot(*away.T).max() < PIXELS


def test_the_sample_of_the_unit_tests_is_what_astropy_says():
    kept = json.loads((ROOT / "client_static/tests/unit/core/wcs/tables.json").read_text())
    module = tables()
    made = module.table(list(CASES), module.SAMPLE)
    assert [case["name"] for case in kept] == [case["name"] for case in made]
    for one, other in zip(kept, made, strict=True):
        assert one["header"] == other["header"]
        points = [np.array(case["points"], dtype=float) for case in (one, other)]
        np.testing.assert_allclose(*points, rtol=1e-12)


def pairs(values):
    return np.array([value or (np.nan, np.nan) for value in values], dtype=float)


def separations(first, second):
    """Return the angles between positions, in degrees: exact for small ones."""
    a, b = (vectors(np.radians(each)) for each in (first, second))
    return np.degrees(2 * np.arcsin(np.linalg.norm(a - b, axis=1) / 2))


def vectors(angles):
    lng, lat = angles.T
    return np.stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)], axis=1)
