"""Conversion beside STIFF: python tests/bench/bench_convert.py [SIDE] [ROUNDS] [FOLDER].

A sky of SIDE x SIDE pixels (4096), float32, with and without compression; the
programs take turns, and the least of ROUNDS (5) counts.  Wall and CPU time, and
the peak of anonymous memory (RssAnon, looked at each 2 ms).  STIFF does not wait
for the disk; iipastro does, as its output is to survive a power cut.  Without
stiff on the path, iipastro runs alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import numpy as np

from iipastro.sky import RED, make_sky

PAINTED = 4096  # pixels: a larger sky is this one repeated
CARDS = (
    "SIMPLE  =                    T",
    "BITPIX  =                  -32",
    "NAXIS   =                    2",
    "NAXIS1  = {side:20d}",
    "NAXIS2  = {side:20d}",
    "FILTER  = 'r       '",
    "END",
)
ROWS = (  # name, options of iipastro, COMPRESSION_TYPE of STIFF
    ("none", ["--compression", "none"], "NONE"),
    ("LZW", ["--compression", "lzw"], "LZW"),
    ("deflate", ["--compression", "deflate"], "DEFLATE"),
    ("zstd", ["--compression", "zstd"], None),
    ("deflate, float predictor", ["--compression", "deflate", "--predictor", "float"], None),
    ("zstd, float predictor", ["--compression", "zstd", "--predictor", "float"], None),
)
ENVIRONMENT = {  # an installed iipastro has its bytecode
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}


class Cost(NamedTuple):
    wall: float  # s
    cpu: float  # s
    anonymous: float  # MB


def write_sky(path: str, side: int) -> None:
    """Write the r band of the synthetic sky as FITS."""
    strips = [s[..., RED].astype(">f4") for s in make_sky(min(side, PAINTED)).strips()]
    header = "".join(card.format(side=side).ljust(80) for card in CARDS).ljust(2880).encode()
    times = -(-side // PAINTED)
    with open(path, "wb") as file:
        file.write(header)
        for _ in range(times):
            for strip in strips:
                file.write(np.tile(strip, (1, times)).tobytes())
        file.write(bytes(-file.tell() % 2880))


def run(words: list[str], folder: str) -> Cost:
    """Run a program to its end and watch what it takes."""
    start, peak = time.perf_counter(), 0
    process = subprocess.Popen(
        words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT
    )
    while True:
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if done:
            break
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            found = re.search(r"RssAnon:\s+(\d+)", file.read())
        peak = max(peak, int(found[1]) if found else 0)
        time.sleep(0.002)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)}: exit code {process.returncode}")
    return Cost(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, peak / 1024)


def ours(options: list[str]) -> list[str]:
    program = [sys.executable, "-m", "iipastro", "convert", "sky.fits", "-o", "ours.ptif"]
    return [*program, "--quiet", "--levels", "stiff", *options]


def theirs(stiff: str, compression: str) -> list[str]:
    words = {
        "-OUTFILE_NAME": "theirs.ptif",
        "-IMAGE_TYPE": "TIFF-PYRAMID",
        "-BITS_PER_CHANNEL": "-32",
        "-COPY_HEADER": "Y",
        "-COMPRESSION_TYPE": compression,
        "-VERBOSE_TYPE": "QUIET",
        "-WRITE_XML": "N",
    }
    return [stiff, "sky.fits", *(word for pair in words.items() for word in pair)]


def least(costs: list[Cost]) -> Cost:
    """Return the least times, and the greatest memory."""
    wall, cpu, anonymous = zip(*costs, strict=True)
    return Cost(min(wall), min(cpu), max(anonymous))


def row(name: str, program: str, cost: Cost, size: int, side: int) -> str:
    rate = side * side / cost.wall / 1e6
    return (
        f"| {name} | {program} | {cost.wall:.2f} | {cost.cpu:.2f} | {rate:.0f}"
        f" | {cost.anonymous:.0f} | {size / 2**20:.0f} |"
    )


def main(side: int, rounds: int, folder: str) -> None:
    write_sky(f"{folder}/sky.fits", side)
    stiff = shutil.which("stiff")
    print(f"{side} x {side}, float32, {len(os.sched_getaffinity(0))} cores, least of {rounds}\n")
    print("| compression | program | wall s | CPU s | Mpixel/s | anonymous MB | file MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, options, compression in ROWS:
        turns = {"iipastro": (ours(options), "ours.ptif")}
        if stiff and compression:
            turns["STIFF"] = theirs(stiff, compression), "theirs.ptif"
        costs: dict[str, list[Cost]] = {program: [] for program in turns}
        for number in range(rounds + 1):
            for program, (words, _) in turns.items():
                cost = run(words, folder)
                if number:  # the first turn makes the bytecode, and fills the page cache
                    costs[program].append(cost)
        for program, (_, output) in turns.items():
            size = os.path.getsize(f"{folder}/{output}")
            print(row(name, program, least(costs[program]), size, side), flush=True)


if __name__ == "__main__":
    SIDE, ROUNDS = (*map(int, sys.argv[1:3]), *(4096, 5)[len(sys.argv[1:3]) :])
    with tempfile.TemporaryDirectory(dir=sys.argv[3] if len(sys.argv) > 3 else None) as made:
        main(SIDE, ROUNDS, made)
