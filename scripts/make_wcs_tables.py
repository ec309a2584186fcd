"""Write what astropy.wcs says about every projection, for the tests of the client's WCS.

`make_wcs_tables.py [FILE]` writes a sample of points for each header below; the integration tests
take the same headers and many more points.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from astropy import log
from astropy.io import fits
from astropy.wcs import WCS, FITSFixedWarning

SAMPLE = 12
FILE = (
    Path(__file__).parents[1] / "client_static" / "tests" / "unit" / "core" / "wcs" / "tables.json"
)

SMALL = (2000, 1500)  # pixels
TPV_WILD = {  # all terms of both axes, a few pixels at the corners
    f"PV{axis}_{term}": (-1) ** (term + axis) * 3e-4 / (term + 3) + (term == 1)
    for axis in (1, 2)
    for term in range(40)
}
SCAMP = {  # as SCAMP writes it into TAN headers
    "PV1_0": 1.2e-4,
    "PV1_1": 1.001,
    "PV1_2": -2e-4,
    "PV1_4": 3e-3,
    "PV1_7": -0.02,
    "PV2_0": -1e-4,
    "PV2_1": 0.999,
    "PV2_2": 1e-4,
    "PV2_5": -2e-3,
    "PV2_10": 0.03,
}
SIP = {
    "A_ORDER": 4,
    "A_2_0": 3e-6,
    "A_1_1": -2e-6,
    "A_0_3": 1e-10,
    "A_4_0": -2e-13,
    "B_ORDER": 3,
    "B_0_2": -4e-6,
    "B_2_0": 1e-6,
    "B_1_2": 3e-10,
    "B_0_1": 1e-5,
}
TURNED = {"CD1_1": -2.1e-4, "CD1_2": 3.0e-5, "CD2_1": 2.7e-5, "CD2_2": 2.2e-4}
WIDE = {"CD1_1": -0.02, "CD1_2": 0.004, "CD2_1": 0.003, "CD2_2": 0.018}


def case(code, crval, size=SMALL, pair=("RA--", "DEC-"), **cards):
    """Return a header: the middle of the image is CRPIX, unless the cards say otherwise."""
    header = {
        "NAXIS": 2, "NAXIS1": size[0], "NAXIS2": size[1],
        "CTYPE1": f"{pair[0]}-{code}", "CTYPE2": f"{pair[1]}-{code}",
        "CRVAL1": crval[0], "CRVAL2": crval[1],
        "CRPIX1": size[0] / 2 + 0.5, "CRPIX2": size[1] / 2 + 0.5,
    }  # fmt: skip
    return {**header, **cards}


def sky(code, *, scale, size=(720, 360), pair=("GLON", "GLAT"), crval=(0, 0), **cards):
    """Return the header of a map of the whole sky."""
    return case(code, crval, size, pair, CDELT1=-scale, CDELT2=scale, **cards)


GALACTIC = ("GLON", "GLAT")
CONE = {"PV2_1": 45.0, "PV2_2": 15.0}
SOUTH = {"PV2_1": -30.0, "PV2_2": 12.0}

CASES = {
    "tan": case("TAN", (150.1, 2.2), **TURNED),
    "tan, wide": case("TAN", (202.5, 47.2), **WIDE),
    "tan, at the pole": case("TAN", (37.9, 90.0), **TURNED),
    "tan, near the south pole": case("TAN", (359.99, -89.9), **TURNED),
    "tan, lonpole": case("TAN", (83.6, 22.0), LONPOLE=133.0, **TURNED),
    "tan, pc": case(
        "TAN", (10.7, 41.3), CDELT1=-3e-4, CDELT2=2e-4, PC1_1=0.8, PC1_2=-0.6, PC2_1=0.6, PC2_2=0.8
    ),
    "tan, crota": case("TAN", (10.7, 41.3), CDELT1=-3e-4, CDELT2=2e-4, CROTA2=31.0),
    "tan, arcsec": case(
        "TAN", (38520.0, 148680.0), CDELT1=-1.1, CDELT2=0.9, CUNIT1="arcsec", CUNIT2="arcsec"
    ),
    "tan, axes swapped": case(
        "TAN",
        (-20.5, 310.0),
        pair=("DEC-", "RA--"),
        CD1_1=1e-5,
        CD1_2=2e-4,
        CD2_1=-2.1e-4,
        CD2_2=3e-5,
    ),
    "tan, reference moved": case("TAN", (150.1, 12.2), PV1_1=20.0, PV1_2=80.0, **WIDE),
    "tan, origin moved": case("TAN", (150.1, 12.2), PV1_0=1.0, PV1_1=20.0, PV1_2=80.0, **WIDE),
    "tpv, all terms": case("TPV", (150.1, 2.2), **TURNED, **TPV_WILD),
    "tpv, two terms": case("TPV", (150.1, 2.2), **TURNED, PV1_1=1.01, PV2_1=0.98),
    "tan of scamp": case("TAN", (310.0, -35.0), **TURNED, **SCAMP),
    "sip": case("TAN-SIP", (202.5, 47.2), **TURNED, **SIP),
    "sip, unsaid": case("TAN", (202.5, 47.2), **TURNED, **SIP),
    "sin": case("SIN", (150.1, 2.2), **WIDE),
    "sin, slant": case("SIN", (40.0, -60.0), PV2_1=0.3, PV2_2=-0.2, **WIDE),
    "sin, hemisphere": case("SIN", (40.0, 50.0), (700, 700), CDELT1=-0.2, CDELT2=0.2),
    "arc": case("ARC", (350.0, 60.0), **WIDE),
    "arc, whole sphere": sky("ARC", scale=0.5, size=(740, 740), crval=(30, 70)),
    "stg": case("STG", (350.0, -60.0), **WIDE),
    "stg, wide": sky("STG", scale=0.5, size=(740, 740), crval=(30, 70)),
    "zea": case("ZEA", (5.0, -90.0), **WIDE),
    "zea, whole sphere": sky("ZEA", scale=0.32, size=(740, 740), crval=(30, -20)),
    "car": sky("CAR", scale=0.5),
    "car, oblique": sky("CAR", scale=0.5, crval=(120, 35), LONPOLE=50.0),
    "car, latpole": sky("CAR", scale=0.5, crval=(120, 35), LONPOLE=10.0, LATPOLE=-50.0),
    "car, crval far away": case(
        "CAR", (83.6, 0.0), pair=GALACTIC, CRPIX1=1400.0, CRPIX2=-700.0, CDELT1=-0.01, CDELT2=0.01
    ),
    "cea": sky("CEA", scale=0.49, size=(720, 230)),
    "cea, lambda": sky("CEA", scale=0.49, size=(720, 230), PV2_1=0.75, crval=(10, -20)),
    "mer": sky("MER", scale=0.49, size=(720, 600), crval=(200, 10), LATPOLE=70.0),
    "sfl": sky("SFL", scale=0.49),
    "sfl, oblique": sky("SFL", scale=0.49, crval=(266.4, -29.0), LONPOLE=160.0),
    "ait": sky("AIT", scale=0.45),
    "ait, oblique": sky("AIT", scale=0.45, crval=(266.4, -29.0), pair=("ELON", "ELAT")),
    "mol": sky("MOL", scale=0.45),
    "mol, oblique": sky("MOL", scale=0.45, crval=(90.0, 60.0), pair=("SLON", "SLAT")),
    **{
        f"{code.lower()}{name}": case(code, crval, **cards)
        for code in ("COP", "COD", "COE", "COO")
        for name, crval, cards in (
            ("", (100.0, 40.0), {**CONE, **WIDE}),
            (", one parallel", (200.0, 35.0), {"PV2_1": 40.0, **WIDE}),
            (", south", (300.0, -40.0), {**SOUTH, **WIDE, "LONPOLE": 150.0}),
            (", sky", (0.0, 45.0), {**CONE, "CDELT1": -0.16, "CDELT2": 0.16}),
        )
    },
}


def wcs_of(header: dict[str, object]) -> WCS:
    log.setLevel("WARNING")  # SIP without -SIP is meant so
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FITSFixedWarning)
        return WCS(fits.Header(header))


def text_of(header: dict[str, object]) -> str:
    """Return the header as lines."""
    cards = (str(card).split(" /")[0].rstrip() for card in fits.Header(header).cards)
    return "\n".join(cards)


def points_of(header: dict[str, object], count: int, seed: int) -> np.ndarray:
    """Return x, y (1-based), longitude and latitude, of points over the image and 5 % around.

    Points without a sky have NaN there.
    """
    size = np.array([header["NAXIS1"], header["NAXIS2"]])
    inside = np.random.default_rng(seed).uniform(-0.05, 1.05, (count, 2)) * size + 0.5
    world = np.asarray(wcs_of(header).all_pix2world(inside, 1))
    swapped = str(header["CTYPE1"]).startswith("DEC")
    return np.hstack([inside, world[:, ::-1] if swapped else world])


def table(names: list[str], count: int, seed: int = 5) -> list[dict[str, object]]:
    """Return cases with their points: lists of four numbers, None for no sky."""
    return [
        {
            "name": name,
            "header": text_of(CASES[name]),
            "size": [CASES[name]["NAXIS1"], CASES[name]["NAXIS2"]],
            "points": [
                [None if np.isnan(value) else float(value) for value in point]
                for point in points_of(CASES[name], count, seed)
            ],
        }
        for name in names
    ]


def main() -> None:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    lines = ",\n".join(
        json.dumps(case, separators=(",", ":")) for case in table(list(CASES), SAMPLE)
    )
    file.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
