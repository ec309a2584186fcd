#!/usr/bin/env python3
"""Ask a real server for what no viewer asks for: damaged paths and queries of other doors.

    fuzz_paths.py [--count N] [--seed N] [--clients N] [--patience SECONDS]

Identifiers, regions, sizes, rotations, qualities and formats are good, nearly
good or hostile; then characters are changed, dropped, doubled and escaped.  Each
has to be answered in time, with a status that is promised and is no fault of
the server (operations.md R18, R21), in whole lines of header, without a word of
where the images are.  One of these has the oddest pixels and cards that FITS allows.
The exit status is 1 if not; the seed says how to do it again.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import random
import re
import shutil
import socket
import string
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from astropy.io import fits
from fuzz_streams import (
    BEGIN,
    PARAMS,
    ROOT,
    STDIN,
    length,
    outputs,
    record,
    run,
    status_of,
    watched,
)

PROMISED = {200, 303, 304, 400, 403, 404, 413, 414}
URI_MAP = (
    "/iiif=>IIIF, /iiif/2=>IIIF2, /iiif/3=>IIIF3, /dz=>DeepZoom, /zoomify=>Zoomify,"
    " /api=>VisiOmatic3"
)
FOLDER = "iip-fuzzed-images-"
IMAGES = ("odd_r.ptif", "odd_rgb8.ptif", "multi5_1k.ptif", "nan_1k.ptif", "odd%5Fr.ptif", "x.fits")
CARDS = (  # without astropy, which would not write them
    *("CDELT1  = 1E300", "CDELT2  = " + "9" * 70, "PC1_1   = 1E300", "PC2_2   = 1D+300"),
    *("CROTA2  = -1E308", "BUNIT   = 1E999", "OBJECT  = T", "CHAN0001= 'A\xfc\x00\x1b'"),
)
HOSTILE = (
    *("", ".", "..", "../data/odd_r.ptif", "%2e%2e%2fdata%2fodd_r.ptif", "%252e%252e%252fx", "/"),
    *("%2Fetc%2Fpasswd", "etc/passwd", "odd_r.ptif%00.jpg", "%00", "%c0%ae%c0%ae/x", "odd_r.ptif."),
    *(
        "odd_r.ptif ",
        "*",
        "odd_?.ptif",
        "[frob]",
        "%",
        "%zz",
        "x" * 300,
        "a/" * 200,
        "%F0%9F%94%AD",
    ),
    *("odd_r.ptif;1", "odd_r.ptif;", "odd_r.ptif/info.json", "\r\nX: y", "%0d%0aX:%20y", "fits"),
    *("odd_r.ptif[1]", "odd_r.ptif?FIF=x", "info.json", "full", "~root", "C:\\x", "%ff%fe", "\xff"),
)
NUMBERS = (
    *("0", "1", "7", "64", "256", "811", "1237", "5000", "-1", "00", "1.5", "1e3", "9" * 12, "+3"),
    *("9" * 400, "4294967296", "nan", "inf", "0x10", "", " 1", "%31", "\xb2", "1_0", "-0", ".5"),
)
FRACTIONS = ("0", "10", "33.333", "50", "99.99", "100", "200", "1e-9", "-5", "1e400", "0.0001", "")
ANGLES = (
    "0",
    "90",
    "180",
    "270",
    "360",
    "!0",
    "!90",
    "!180",
    "45",
    "-90",
    "0.0",
    "90.5",
    "!!0",
    "",
)
QUALITIES = ("default", "color", "gray", "bitonal", "native", "grey", "DEFAULT", "x", "")
FORMATS = (
    "jpg",
    "jpg",
    "jpg",
    "png",
    "webp",
    "tif",
    "avif",
    "gif",
    "jp2",
    "pdf",
    "JPG",
    "",
    "jpg.png",
)
CONTEXT = "http://iiif.io/api/image/{}/context.json"
HEADERS = {
    "HTTP_HOST": ("example.org", "a:80", "[::1]:8080", "a b", "a\r\nX: y", "", "a/b", "a@b",
                  "x" * 999),
    "HTTP_ACCEPT": (CONTEXT.format(2), f'application/ld+json;profile="{CONTEXT.format(3)}"', "*/*",
                    f'application/ld+json;profile="{CONTEXT.format(9)}"', ",;=\"'", "\xff",
                    "q=" * 99),
    "HTTP_X_IIIF_ID": ("http://x/y", "https://x/y?z=", "javascript:alert(1)", "\r\nX: y", "",
                       "http://x/>;rel=y", "https://" + "x" * 3000),
    "HTTPS": ("on", ""),
    "HTTP_IF_NONE_MATCH": ("*", '"x"', "x"),
}  # fmt: skip
SETTINGS = {
    "http__uri_map": URI_MAP,
    "iiif__id_header": "X-IIIF-ID",
    "iiif__delimiter": '";"',
    "doors__settings": "odd_r* => GAM=0.45&CMP=jet, multi* => CTW=[1,0,0,0,0;0,1,0,0,0;0,0,1,0,0]",
}
LEAST = {200: 0.2, 303: 0.01, 400: 0.05, 404: 0.05}  # of all answers: else little was asked
HEADER_LINE = re.compile(rb"[A-Za-z][A-Za-z-]*: [ -~]*")


# ---- paths


def either(rng, good, bad):
    """Return one of the good words, seldom one of the bad ones."""
    return rng.choice(bad if rng.random() < 0.04 else good)


def number(rng, most):
    return either(rng, [str(rng.randrange(1, most))], NUMBERS)


def region(rng):
    kind = rng.randrange(10)
    if kind < 3:
        return either(rng, ["full", "square"], ["FULL", "pct:", "full,", "0,0,0,0", ""])
    if kind < 5:
        few = [str(rng.randrange(1, 99)), f"{rng.random() * 90:.3f}"]
        return "pct:" + ",".join(either(rng, few, FRACTIONS) for _ in range(4))
    count = rng.choice([4] * 20 + [1, 3, 5])
    return ",".join(number(rng, most) for most in (1237, 811, 900, 900, 9)[:count])


def size(rng):
    side, other = number(rng, 400), number(rng, 400)
    form = either(
        rng,
        ["max", "full", "{},", ",{}", "{},{}", "!{},{}", "^{},", "^{},{}", "^!{},{}", "pct:{}"],
        [",", "{}", "^!^{},", "", "^^max", "!{}", "{},{},", "pct:{}e", " {},", "{} ,{}"],
    )
    return form.format(side, other)


def iiif(rng, name):
    if rng.random() < 0.15:
        return rng.choice(
            [f"{name}/info.json", name, f"{name}/", f"{name}/info.xml", f"{name}/info"]
        )
    turn = either(rng, ["0", "90", "180", "270", "!0", "!90", "!180"], ANGLES)
    quality = either(rng, ["default", "color", "gray", "bitonal"], QUALITIES)
    kind = either(rng, ["jpg", "jpg", "jpg", "jpg", "png", "webp", "tif"], FORMATS)
    return "/".join([name, region(rng), size(rng), turn, f"{quality}.{kind}"])


def deepzoom(rng, name):
    if rng.random() < 0.2:
        return f"{name}.dzi"
    level, column, row = number(rng, 13), number(rng, 5), number(rng, 4)
    return f"{name}_files/{level}/{column}_{row}.{either(rng, ['jpg', 'png'], FORMATS)}"


def zoomify(rng, name):
    if rng.random() < 0.2:
        return f"{name}/ImageProperties.xml"
    level, column, row = number(rng, 5), number(rng, 5), number(rng, 4)
    place = f"TileGroup{number(rng, 3)}/{level}-{column}-{row}"
    return f"{name}/{place}.{either(rng, ['jpg', 'png'], FORMATS)}"


def visiomatic3(rng, name):
    """Return a query: the image, some setters, a question or two."""
    pair = ",".join(number(rng, 1300) for _ in range(2))
    line = f"{pair}:{number(rng, 1300)},{number(rng, 900)}"
    channel, value = number(rng, 6), either(rng, ["0.5", "-20", "300", "1e3", "2"], NUMBERS)
    color = ",".join(either(rng, ["0", "1", ".3", "-.2"], NUMBERS) for _ in range(3))
    setters = [
        *(f"CHAN={channel}", f"MIX={channel}:{color}", f"MINMAX={channel}:{value},1e4", "INV"),
        *(f"BRT={value}", f"CNT={value}", f"GAM={value}", f"QLT={value}", "CMP=jet", "CTW=1"),
    ]
    tile = f"JTL={number(rng, 4)},{number(rng, 9)}"
    asked = [
        *("INFO", "obj=x", tile, tile, f"VAL={pair}", f"PFL={line}"),
        f"RGN={line}&BIN={rng.choice([1, 1, 2, 4, 99])}",
    ]
    words = rng.sample(setters, rng.randrange(4)) + rng.sample(asked, rng.choice([1] * 9 + [0, 2]))
    return "&".join([f"FIF={name}", *words])


DOORS = (
    *(("/iiif", iiif), ("/iiif/2", iiif), ("/iiif/3", iiif)),
    *(("/dz", deepzoom), ("/zoomify", zoomify), ("/api", visiomatic3)),
)


def damaged(rng, text):
    """Change a few characters, or whole parts, of a path."""
    for _ in range(rng.choice([0] * 7 + [1, 1, 2, 5])):
        at = rng.randrange(len(text) + 1)
        noise = rng.choice(
            [rng.choice(string.printable), chr(rng.randrange(256)), "%", "/", ",", "%2F"]
        )
        text = rng.choice([
            text[:at] + noise + text[at:], text[:at] + noise + text[at + 1 :],
            text[:at] + text[at + 1 :], text[:at] + text[at:] * 2, text[:at],
            text[:at] + "".join(f"%{ord(c):02x}" for c in text[at : at + 3]) + text[at + 3 :],
        ])  # fmt: skip
    return text


def request(rng):
    """Return the variables of one request."""
    name = either(rng, IMAGES, HOSTILE)
    prefix, door = rng.choice(DOORS)
    path = damaged(rng, door(rng, name))
    variables = {"REQUEST_METHOD": rng.choice(["GET"] * 9 + ["HEAD"]), "QUERY_STRING": ""}
    if prefix == "/api":
        variables["QUERY_STRING"] = path
        path = f"?{path}"
    elif rng.random() < 0.1:
        settings = rng.choice(["", "", "GAM=0.5&", "MINMAX=1:0,900&CMP=jet&", "SDS=0,90&INV&&=&"])
        command = rng.choice(["IIIF=", "iiif=", "DeepZoom=", "Zoomify=", f"FIF={name}&INFO&"])
        variables["QUERY_STRING"] = f"{settings}{command}{path}"
        if rng.random() < 0.5:
            prefix, path = "/fcgi-bin", f"iipsrv.fcgi?{variables['QUERY_STRING']}"
        else:  # the web server rewrites the path
            prefix = rng.choice(["/img", "/img/a", ""])
    variables |= {"REQUEST_URI": f"{prefix}/{path}", "HTTP_HOST": "example.org"}
    for header, values in HEADERS.items():
        if rng.random() < 0.1:
            variables[header] = rng.choice(values)
    return variables


# ---- a client


def stream_of(variables):
    """Return the records of a request, whatever its length."""
    data = b""
    for name, value in variables.items():
        data += length(len(name)) + length(len(value)) + (name + value).encode("latin-1")
    pieces = [record(PARAMS, data[at : at + 60000]) for at in range(0, len(data), 60000)]
    begin = record(BEGIN, b"\0\1\0\0\0\0\0\0")
    return b"".join([begin, *pieces, record(PARAMS), record(STDIN)])


def ask(path, variables):
    """Send a request, and return all that comes back."""
    answer = b""
    with socket.socket(socket.AF_UNIX) as opened:
        opened.connect(path)
        opened.settimeout(60)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            opened.sendall(stream_of(variables))
            while piece := opened.recv(1 << 16):
                answer += piece
    return answer


def fault_of(output, seconds, patience):
    """Return what is wrong with an answer, or nothing."""
    head, _, body = output.partition(b"\r\n\r\n")
    status = status_of(output)
    if status not in PROMISED:
        return f"a status of {status}"
    if seconds > patience:
        return f"an answer after {seconds:.2f} s"
    if not all(HEADER_LINE.fullmatch(line) for line in head.split(b"\r\n")):
        return f"headers {head!r}"
    if b"\nX: y" in head or b"\nX:%20y" in head:
        return "a header of the client's"
    if FOLDER.encode() in body or (status != 200 and str(ROOT).encode() in body):
        return "a path of ours"
    return ""


def campaign(path, seed, count, patience):
    rng, seen, faults, slowest = random.Random(seed), collections.Counter(), [], 0.0
    for number in range(count):
        variables = request(rng)
        began = time.monotonic()
        try:
            answers = list(outputs(ask(path, variables)))
        except OSError as error:
            answers = []
            faults.append(repr(error))
        seconds = time.monotonic() - began
        slowest = max(slowest, seconds)
        wrong = fault_of(answers[0], seconds, patience) if len(answers) == 1 else "no answer"
        seen.update(status_of(answer) for answer in answers)
        if wrong:
            faults.append(f"path {number} of seed {seed}: {wrong} to {variables!r}")
    rare = [status for status, least in LEAST.items() if seen[status] < least * count]
    faults += [f"{seen[status]} answers of {status}, of {count}" for status in rare]
    return seen, faults, slowest


def furnish(folder):
    """Put the images of the tests into a folder, and one that FITS allows."""
    for image in (ROOT / "tests" / "data").glob("*.ptif"):
        shutil.copy(image, folder)
    pixels = np.full((300, 300), 1.7e308)
    pixels[::2], pixels[:9, :9] = -1.7e308, np.nan
    header = fits.Header({f"CARD{number}": 0 for number in range(len(CARDS))})
    path = Path(folder) / "x.fits"
    fits.PrimaryHDU(pixels, header).writeto(path)
    whole = path.read_bytes()
    for number, card in enumerate(CARDS):
        at = whole.index(f"CARD{number}   =".encode())
        whole = whole[:at] + card.ljust(80).encode("latin-1") + whole[at + 80 :]
    path.write_bytes(whole)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10**5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--patience", type=float, default=5.0)
    asked = parser.parse_args()
    # exports have all workers but one: none has to wait, and 503 would be a fault
    settings = {**SETTINGS, "limits__max_output": 800, "cache__memory": "8M"}
    with tempfile.TemporaryDirectory(prefix=FOLDER) as folder:
        furnish(folder)
        return watched(
            lambda path: run(path, asked, campaign, "paths"),
            asked.clients + 1,
            images__root=folder,
            **settings,
        )


if __name__ == "__main__":
    sys.exit(main())
