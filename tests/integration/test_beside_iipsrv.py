"""Debian's iipsrv and ours answer the same tile requests with the same pictures.

Debian's server answers every JTL as iipsrv-astro does, but for what the
generator leaves out: SHD reads past its buffer, a negative CNT and the maps
red, green and blue give what happened to lie in memory, and of an image with
fewer than three channels only the first rows of a CTW come out (spec 3.2, 11.2).
It also passes over a MINMAX that stands alone in a request for an 8-bit image;
iipsrv-astro always normalises (spec 11.1), and so do we.

Both send JPEG, but with different cosine transforms: Debian's the fast one, which
Pillow cannot be told to use.  On noise in colours that alone makes up to 2 levels,
though the pixels are the same (a few of these tiles pass 1.5).  So the lossless
tile of the same request (PTL) is asked for as well: their picture may not be
farther from it than ours is.
"""

from __future__ import annotations

import io
import itertools
import os
import random
import re
import socket
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.integration

REQUESTS = 240
MEAN = 1.5  # levels of 255: mean |difference| of all tiles
WORST = 2.0  # and of one
BIAS = 0.5  # mean difference of one channel of a tile
LOSS = 0.4, 1.1  # how far their JPEG may be from our pixels: levels, times as far as ours is


class File(NamedTuple):
    """What the generator knows of an image: read off Debian's server, with OBJ."""

    name: str
    levels: tuple[tuple[int, int], ...]
    channels: int
    low: float
    high: float


FILES = (
    File("odd_r.ptif", ((309, 202), (618, 405), (1237, 811)), 1, 640, 2457),
    File("nan_1k.ptif", ((256, 256), (512, 512), (1024, 1024)), 1, 640, 3341),
    File("multi5_1k.ptif", ((256, 256), (512, 512), (1024, 1024)), 5, 85, 4093),
    File("odd_rgb8.ptif", ((309, 202), (618, 405), (1237, 811)), 3, 0, 255),
)


def queries(seed: int) -> Iterator[str]:
    """Yield requests without end: each image in turn, every parameter in its turn and by lot."""
    rng = random.Random(seed)
    for number, file in enumerate(itertools.cycle(FILES)):
        chosen = [make(rng, file) for make in PARAMETERS if rng.random() < 0.35]
        chosen.append(PARAMETERS[number // len(FILES) % len(PARAMETERS)](rng, file))
        if file.high == 255 and {text[:3] for text in chosen} - {"ROT", "QLT"} == {"MIN"}:
            chosen.append(f"GAM={rng.uniform(0.3, 0.9):.4f}")
        rng.shuffle(chosen)
        yield "&".join([f"FIF={file.name}", *chosen, tile(rng, file)])


def tile(rng, file):
    """A tile of any level: every third one at the right or bottom edge."""
    level = rng.randrange(len(file.levels))
    width, height = file.levels[level]
    columns, rows = -(-width // 256), -(-height // 256)
    column, row = rng.randrange(columns), rng.randrange(rows)
    edge = rng.randrange(6)
    column, row = columns - 1 if edge == 0 else column, rows - 1 if edge == 1 else row
    return f"JTL={level},{row * columns + column}"


def minmax(rng, file):
    span = file.high - file.low
    low = file.low + span * rng.uniform(-0.2, 0.4)
    return (
        f"MINMAX={rng.randint(1, file.channels)}:{low:.3f},{low + span * rng.uniform(0.1, 1):.3f}"
    )


def mix(rng, file):
    """Three rows with as many columns as there are channels, or fewer."""
    columns = rng.randint(1, file.channels)
    rows = [[rng.uniform(-0.3, 1.1) for _ in range(columns)] for _ in range(3)]
    if file.channels < 3:  # Debian's colours nothing here: a grey mix is the same for both
        rows = rows[:1] * 3
    text = ";".join(",".join(f"{c:.4f}" for c in row) for row in rows)
    return f"CTW=[{text}]" if rng.random() < 0.5 else f"CTW={text}"


PARAMETERS = (
    minmax,
    mix,
    lambda rng, _: f"CNT={rng.uniform(0.2, 3):.3f}",
    lambda rng, _: f"GAM={rng.uniform(0.3, 2.5):.4f}",
    lambda rng, _: "INV",
    lambda rng, _: f"CMP={rng.choice(('hot', 'cold', 'jet', 'HOT', 'grey'))}",
    lambda rng, _: f"QLT={rng.choice((20, 50, 75, 90, 100))}",
    lambda rng, _: f"ROT={rng.choice((90, 180, 270))}",
)


@pytest.fixture
def both(start, tools, tmp_path):
    """The sockets of the two servers."""
    if not os.path.exists(tools.oracle):
        pytest.skip("iipimage-server is not installed")
    settings = {
        "FILESYSTEM_PREFIX": f"{tools.data}/",
        "JPEG_QUALITY": "90",
        "VERBOSITY": "0",
        "LOGFILE": "/dev/null",
        "MEMCACHED_SERVERS": "",
    }
    paths = []
    for name, command in (("theirs", [tools.oracle]), ("ours", tools.iipsrv)):
        path = tmp_path / f"{name}.sock"
        with socket.socket(socket.AF_UNIX) as given:
            given.bind(str(path))
            given.listen(64)
            start(command, stdin=given, **settings)
        paths.append(path)
    return paths


def pixels(answer):
    """The decoded picture, as RGB."""
    with Image.open(io.BytesIO(answer.body)) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.float64)


class Difference(NamedTuple):
    """How two pictures differ, in levels of 255."""

    mean: float  # of |theirs - ours|
    bias: float  # the largest of the channels, either sign
    theirs: float  # mean distance of each from the lossless picture
    ours: float
    query: str


def test_every_generated_tile_is_the_same_picture(both, fcgi, capsys):
    found = []
    for query in itertools.islice(queries(seed=2), REQUESTS):
        answers = [fcgi.ask(path, query, timeout=30) for path in both]
        assert [answer.status for answer in answers] == [200, 200], query
        assert [answer.headers["content-type"] for answer in answers] == ["image/jpeg"] * 2
        exact = pixels(fcgi.ask(both[1], query.replace("JTL=", "PTL=")))
        theirs, ours = map(pixels, answers)
        assert theirs.shape == ours.shape == exact.shape, query
        bias = (ours - theirs).mean(axis=(0, 1))
        found.append(
            Difference(
                np.abs(ours - theirs).mean(),
                bias[np.abs(bias).argmax()],
                np.abs(theirs - exact).mean(),
                np.abs(ours - exact).mean(),
                query,
            )
        )
    with capsys.disabled():
        print(summary(found))
    assert np.mean([row.mean for row in found]) <= MEAN
    for row in found:
        assert row.mean <= WORST, row
        assert abs(row.bias) <= BIAS, row
        assert row.theirs <= LOSS[0] + LOSS[1] * row.ours, row


def summary(found):
    mean = [np.mean(column) for column in zip(*(row[:4] for row in found), strict=True)]
    head = (
        f"\n{len(found)} tiles beside Debian's iipsrv: mean |difference| {mean[0]:.3f}, bias "
        f"{mean[1]:+.3f}; theirs is {mean[2]:.3f} from the lossless tile, ours {mean[3]:.3f}"
    )
    worst = sorted(found, reverse=True)[:3]
    return "\n".join(
        [head, *(f"  {row.mean:.3f}, bias {row.bias:+.3f}: {row.query}" for row in worst)]
    )


def test_what_is_missing_is_missing_on_both(both, fcgi):
    for query in (
        "FIF=nothing.ptif&JTL=0,0",
        "FIF=odd_r.ptif&JTL=0,4",
        "FIF=odd_r.ptif&JTL=2,20",
        "FIF=odd_r.ptif&JTL=3,0",
    ):
        assert [fcgi.ask(path, query).status for path in both] == [404, 404], query


def test_the_generator_reaches_every_edge_and_every_combination():
    asked = list(itertools.islice(queries(seed=2), REQUESTS))
    assert len(set(asked)) >= 200
    for name in ("MINMAX", "CTW", "CNT", "GAM", "INV", "CMP", "QLT", "ROT"):
        assert sum(f"&{name}" in query for query in asked) >= 60
    for file in FILES:
        assert sum(file.name in query for query in asked) == REQUESTS / len(FILES)
    for edge in ("odd_r.ptif.*JTL=2,4$", "JTL=2,1[5-9]$", "JTL=0,1$", "JTL=1,"):
        assert any(re.search(edge, query) for query in asked), edge
