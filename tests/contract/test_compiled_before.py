"""A worker compiles nothing: what a request needs is compiled before the fork, and shared."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import tifffile

from iipastro.config import load_config
from iipastro.handlers.service import build_service, prepare
from iipastro.wsgi import respond

TYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "f2", "f4", "f8"]
VIEWS = [
    "JTL=0,0",
    "JTL=1,5",
    "GAM=0.4545&JTL=1,0",
    "GAM=-1&JTL=1,0",
    "GAM=9&INV&JTL=1,0",
    "CMP=jet&JTL=1,0",
    "COLOR=grey&CNT=1.1&JTL=1,0",
    "CTW=1;1;1&MINMAX=1:2,9&GAM=0.4545&JTL=1,0",
    "CTW=1,0.5;0.3,1;0,1&JTL=1,0",
    "SHD=30,30&JTL=1,0",
    "WID=50&CVT=jpeg",
    "CMP=hot&WID=50&CVT=jpeg",
    "RGN=0.1,0.1,0.7,0.7&CVT=png",
    "ROT=90&RGN=0.1,0.1,0.7,0.7&WID=33&CVT=jpeg",
    "PFL=1:0,0-99,9",
    "PFL=1:3,3-3,3",
    "SPECTRA=1,0,5,5",
]
KINDS = [  # of files; not every type can be packed in every way
    {},
    {"byteorder": ">"},
    {"compression": "lzw"},
    {"compression": "lzw", "predictor": True},
    {"compression": "zlib", "predictor": True},
    {"compression": "zlib", "predictor": True, "byteorder": ">"},
    {"planarconfig": "separate"},
]


def write_images(folder):
    """Write a pyramid of two levels of each type, number of channels and kind, where it exists."""
    number = 0
    for kind, channels, options in itertools.product(TYPES, (1, 2, 3, 5), KINDS):
        shape = (100, 100) if channels == 1 else (100, 100, channels)
        pixels = np.arange(np.prod(shape)).reshape(shape).astype(kind)
        if options.get("planarconfig"):
            if channels == 1:
                continue
            pixels = np.moveaxis(pixels, -1, 0)
        if options.get("predictor") and kind == "f2":
            continue
        step = np.s_[:, ::2, ::2] if options.get("planarconfig") else np.s_[::2, ::2]
        order = {"byteorder": options["byteorder"]} if "byteorder" in options else {}
        more = {key: value for key, value in options.items() if key != "byteorder"}
        if channels > 1:
            more = {"planarconfig": "contig", **more}
        with tifffile.TiffWriter(folder / f"{number}.tif", **order) as file:
            for part in (pixels, pixels[step]):
                file.write(part, tile=(32, 32), photometric="minisblack", metadata=None, **more)
        number += 1
    return number


def signatures():
    """Return how often each compiled function was compiled."""
    return {
        (name, key): len(value.signatures)
        for name, module in list(sys.modules.items())
        if name.startswith("iipastro.")
        for key, value in vars(module).items()
        if hasattr(value, "signatures")
    }


def main(folder):
    """Ask for everything, and say what was compiled meanwhile."""
    count = write_images(Path(folder))
    service = build_service(load_config([], {}, {"images.root": folder}).config)
    prepare()
    before, statuses = signatures(), []
    for number, view in itertools.product(range(count), VIEWS):
        query = {"QUERY_STRING": f"FIF={number}.tif&{view}"}
        statuses.append(respond(query, b"", service).status)
    after = signatures()
    print("compiled:", *(key for key in after if after[key] != before.get(key)))
    print("functions:", sum(map(bool, after.values())))
    print("good answers:", statuses.count(200) / len(statuses))


def test_no_request_has_anything_compiled(tmp_path):
    done = subprocess.run(
        [sys.executable, __file__, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    compiled, functions, good = (line.partition(":")[2] for line in done.stdout.splitlines())
    assert compiled.strip() == ""
    assert int(functions) >= 4
    assert float(good) > 0.9


if __name__ == "__main__":
    main(sys.argv[1])
