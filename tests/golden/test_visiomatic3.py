"""The answers of VisiOmatic 3.0.7 to the requests of visiomatic3/index.tsv.

On a FITS file of tests/data and on a cube that is made here.  MINMAX is given in each request for
a picture: VisiOmatic has other cuts of its own.
"""

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from iipastro.config import load_config
from iipastro.handlers.service import build_service
from iipastro.wsgi import respond

HERE = Path(__file__).parent / "visiomatic3"
DATA = HERE.parents[1] / "data" / "fits"


def cases():
    with (HERE / "index.tsv").open(newline="") as table:
        return dict(list(csv.reader(table, delimiter="\t"))[1:])


CASES = cases()
VALUES = [label for label in CASES if label.startswith(("val", "pfl"))]
PICTURES = [label for label in CASES if label not in VALUES]


def cube():
    row, column = np.mgrid[:80, :96]
    planes = [100 * k + column * (k + 1) + row * (5 - k) for k in range(5)]
    samples = np.array(planes, dtype=np.float32)
    samples[2, 7, 9] = np.nan
    return samples


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Return a function that gives the answer to a query of a case."""
    folder = tmp_path_factory.mktemp("visiomatic3")
    shutil.copy(DATA / "iraf_dev_pix_m51.fits", folder)
    fits.PrimaryHDU(cube()).writeto(folder / "cube.fits")
    settings = {
        "images.root": str(folder),
        "fits.cache_dir": str(folder / "levels"),
        "http.uri_map": "/api=>VisiOmatic3",
    }
    service = build_service(load_config([], {}, settings).config)

    def answered(label):
        query = CASES[label]
        response = respond({"QUERY_STRING": query, "REQUEST_URI": f"/api?{query}"}, b"", service)
        assert response.status == 200, response.body
        return response

    return answered


def test_all_recorded_answers_are_compared():
    assert {path.stem for path in HERE.glob("*.j*")} == set(CASES)
    assert (len(VALUES), len(PICTURES)) == (11, 11)


@pytest.mark.parametrize("label", VALUES)
def test_values_and_their_places_are_the_same(ask, label):
    response = ask(label)
    assert response.mime == "application/json"
    assert json.loads(response.body) == json.loads((HERE / f"{label}.json").read_bytes())


@pytest.mark.parametrize("label", PICTURES)
def test_pictures_are_the_same_to_the_eye(ask, label):
    response = ask(label)
    assert response.mime == "image/jpeg"
    ours, theirs = Image.open(io.BytesIO(response.body)), Image.open(HERE / f"{label}.jpg")
    assert (ours.size, ours.mode) == (theirs.size, theirs.mode)
    difference = np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)
    # they multiply by 255.49 where we do by 255, and invert after that; both drop the fraction
    assert abs(difference).mean() <= 1.5
    assert abs(difference.mean()) <= 1.0
