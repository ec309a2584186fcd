"""The answers of iipsrv-astro 1.1.1 to the requests of index.tsv, on the images of tests/data.

Text is compared byte for byte, pictures after decoding.  Where the reference
is wrong (spec 11.2) the difference stands in DIFFERENT, with its reason.
"""

import csv
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from iipastro.config import load_config
from iipastro.handlers.service import build_service
from iipastro.wsgi import respond

HERE = Path(__file__).parent
SETTINGS = {
    "images.root": str(HERE.parent / "data"),
    "encoding.jpeg_quality": "90",
    "limits.max_output": "5000",
    "cors.origins": "*",
}


class Case(NamedTuple):
    label: str
    status: int
    mime: str
    size: str
    query: str


def cases():
    with (HERE / "index.tsv").open(newline="") as table:
        rows = csv.reader(table, delimiter="\t")
        next(rows)
        return [Case(row[0], int(row[1]), *row[2:]) for row in rows]


def without_head(body):
    """The reference breaks its headers off without an image: the rest of them is in the body."""
    return body.partition(b"\r\n\r\n")[2]


DIFFERENT = {  # label: what is to be read instead of the reference's body, and why
    "obj-server": without_head,  # spec 1.5 [FIX]
    "obj-opt-comm": without_head,
    "obj-opt-obj": without_head,
    "jtl-tile-out-of-range": lambda _: b"no tile 9999\n",  # our own words (spec 1.6)
    "jtl-level-out-of-range": lambda _: b"no level 9\n",
    "pfl-bad-level": lambda _: b"no level 9\n",  # instead of a page in HTML
}
OUR_TYPES = {"pfl-bad-level": "text/plain"}

CASES = cases()
PICTURES = [case for case in CASES if case.mime == "image/jpeg"]
TEXTS = [case for case in CASES if case.mime != "image/jpeg"]


@pytest.fixture(scope="module")
def service():
    return build_service(load_config([], {}, SETTINGS).config)


def ask(case, service):
    return respond({"REQUEST_METHOD": "GET", "QUERY_STRING": case.query}, b"", service)


def expected_body(case):
    body = (HERE / "expected" / f"{case.label}.body").read_bytes()
    return DIFFERENT.get(case.label, bytes)(body)


def test_all_reference_answers_are_compared():
    assert len(CASES) == 47
    assert len(PICTURES) == 23
    assert {case.label for case in CASES} == {p.stem for p in HERE.glob("expected/*.body")}
    assert set(DIFFERENT) | set(OUR_TYPES) <= {case.label for case in TEXTS}


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.label)
def test_text_is_the_same_to_the_byte(case, service):
    response = ask(case, service)
    assert response.status == case.status
    assert response.body == expected_body(case)
    mime = dict(response.headers)["Content-Type"].partition(";")[0]
    if case.mime != "-":
        assert mime == OUR_TYPES.get(case.label, case.mime)


@pytest.mark.parametrize("case", PICTURES, ids=lambda case: case.label)
def test_pictures_are_the_same_to_the_eye(case, service):
    response = ask(case, service)
    assert response.status == case.status
    assert dict(response.headers)["Content-Type"] == case.mime
    ours, reference = (
        Image.open(io.BytesIO(response.body)),
        Image.open(io.BytesIO(expected_body(case))),
    )
    assert "x".join(map(str, (*ours.size, len(ours.getbands())))) == case.size
    assert ours.mode == reference.mode
    difference = np.asarray(ours, dtype=float) - np.asarray(reference, dtype=float)
    assert abs(difference).mean() <= 1.5
    assert abs(difference.mean()) <= 0.25


def test_every_answer_carries_cors(service):
    for case in CASES:
        assert dict(ask(case, service).headers)["Access-Control-Allow-Origin"] == "*"
