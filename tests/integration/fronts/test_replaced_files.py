"""Files that are replaced, cut short or written over while they are served (operations.md R10).

SWAPS=1000 is the long form: `make campaign`.
"""

from __future__ import annotations

import concurrent.futures
import io
import json
import os
import threading
import time

import numpy as np
import pytest
import tifffile
from PIL import Image

pytestmark = pytest.mark.integration

SWAPS = int(os.environ.get("SWAPS", "60"))
PLACE = "unix:/run/iipastro/iipastro.sock"
SIDE = 600  # three tiles across, the last ones cut
FORM = "&MINMAX=1:0,255"
TIERS = "[cache]\nmemory = 16M\n[memcached]\nservers = {0}\nback_off = 1s\n"


def pyramid(version):
    """Return a file whose pixels tell its version: their whole part in pictures, the rest too."""
    out = io.BytesIO()
    value = np.float32(grey(version) + 0.25 + version / 2048)
    with tifffile.TiffWriter(out) as writer:
        for side in (SIDE, SIDE // 2):
            writer.write(np.full((side, side), value), tile=(256, 256), photometric="minisblack")
    return out.getvalue()


def grey(version):
    return version * 37 % 251  # neighbours differ by 37 or more


def replace(path, content):
    """Give the name to a new file, as `mv` does."""
    fresh = path.with_suffix(".part")
    fresh.write_bytes(content)
    os.replace(fresh, path)
    return time.monotonic()


# ---- what an answer tells of the version it was made of


def of_profile(body):
    values = set(json.loads(body)["profile"])
    assert len(values) == 1, values
    return round((values.pop() % 1 - 0.25) * 2048)


def of_picture(body):
    shades = np.unique(np.asarray(Image.open(io.BytesIO(body))))
    assert len(shades) == 1, shades
    return int(shades[0])


QUERIES = (
    ("&PFL=1:0,300-599,300", of_profile),
    (FORM + "&PTL=1,4", of_picture),
    (FORM + "&PTL=1,8", of_picture),
    (FORM + "&WID=300&CVT=png", of_picture),
)


class Watch:
    """Asks again and again, and keeps what it got: when, which query, its ETag and its body."""

    def __init__(self, get, port):
        self._get, self._port = get, port
        self._stop = threading.Event()
        self.seen = []

    def run(self, number):
        known = {}
        while not self._stop.is_set():
            query = number % len(QUERIES)
            more = {"If_None_Match": known[query][0]} if number % 3 and query in known else {}
            begun = time.monotonic()
            answer = self._get(self._port, "FIF=swapped.tif" + QUERIES[query][0], **more)
            if answer.status == 304:
                assert more
                etag, body = known[query]
            else:
                assert answer.status == 200, (answer.status, answer.body[:200])
                etag, body = known[query] = answer.headers["ETag"], answer.body
            self.seen.append((begun, query, etag, body, answer.status))
            number += 1

    def stop(self):
        self._stop.set()


def swap_under_load(watch, path, swaps):
    """Replace the file while four clients ask; return when each version came."""
    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        running = [clients.submit(watch.run, number) for number in range(4)]
        times = {}
        try:
            for version in range(1, swaps + 1):
                content = pyramid(version)
                time.sleep(0.02)
                times[version] = replace(path, content)
                if any(client.done() for client in running):
                    break
            time.sleep(0.5)
        finally:
            watch.stop()
        for client in running:
            client.result()
    return times


def age(version_seen, begun, times):
    """Return for how many seconds the version had been replaced when it was asked for."""
    replaced = times.get(version_seen + 1)
    return max(0.0, begun - replaced) if replaced else 0.0


def versions_of(watch, times):
    """Return (version, begun, query, etag, status) of every answer; pictures tell their grey."""
    greys = {}
    for version in (0, *times):
        greys.setdefault(grey(version), []).append(version)
    told = {}  # every distinct body is looked at once
    for begun, query, etag, body, status in watch.seen:
        if (query, body) not in told:
            told[query, body] = QUERIES[query][1](body)
        number = told[query, body]
        if QUERIES[query][1] is of_picture:
            current = max((v for v, at in times.items() if at <= begun), default=0)
            number = min(greys[number], key=lambda version: abs(version - current))
        yield number, begun, query, etag, status


@pytest.mark.parametrize("site", ["iipastro.conf", "iipastro-cache.conf"])
def test_every_answer_is_wholly_old_or_wholly_new(site, nginx, serve, get, images, memcached):
    path = images / "swapped.tif"
    replace(path, pyramid(0))
    daemon = serve(TIERS.format(memcached().path), workers=2)
    watch = Watch(get, nginx(site, (PLACE, daemon.place)).port)
    times = swap_under_load(watch, path, SWAPS)
    assert len(times) == SWAPS
    seen = list(versions_of(watch, times))
    oldest = max(age(version, begun, times) for version, begun, *_ in seen)
    tagged = {}
    for _, query, etag, body, _ in watch.seen:  # one tag, one body: another body has another tag
        assert tagged.setdefault((query, etag), body) == body
    unchanged = sum(status == 304 for *_, status in seen)
    print(f"{site}: {SWAPS} swaps, {len(seen)} answers with {len(tagged)} tags,"
          f" {unchanged} of them 304, the oldest replaced {oldest:.3f} s before")  # fmt: skip
    versions = {version for version, *_ in seen}
    if site == "iipastro.conf":
        assert len(versions) > SWAPS / 5
        assert oldest < 1
    else:
        assert len(versions) > 1
        assert oldest < 4  # two seconds, and the machine may be busy


def test_a_file_cut_short_in_place_fails_alone(nginx, serve, get, images, tools):
    path = images / "swapped.tif"
    replace(path, pyramid(0))
    daemon = serve()
    front = nginx("iipastro.conf", (PLACE, daemon.place))
    workers = tools.children(daemon.pid)
    query = f"FIF=swapped.tif{FORM}&PTL=0,3"  # the last tile of the file
    whole = get(front.port, query)
    assert whole.status == 200
    content = path.read_bytes()
    with path.open("r+b") as opened:
        # pixels are missing: 503; then directories: it is no image any more
        for size, status in ((len(content) - 100, 503), (len(content) // 2, 404), (0, 404)):
            opened.truncate(size)
            answer = get(front.port, query)
            assert (answer.status, answer.headers["Cache-Control"]) == (status, "no-cache")
            assert get(front.port, "FIF=odd_r.ptif&JTL=0,0").status == 200
    replace(path, content)
    assert get(front.port, query).body == whole.body
    assert tools.children(daemon.pid) == workers


def test_a_file_written_over_in_place_takes_no_worker_with_it(nginx, serve, get, images, tools):
    path = images / "swapped.tif"
    replace(path, pyramid(0))
    daemon = serve()
    front = nginx("iipastro.conf", (PLACE, daemon.place))
    workers = tools.children(daemon.pid)
    rng = np.random.default_rng(4)
    content = path.read_bytes()
    for start in range(0, len(content), len(content) // 40):
        with path.open("r+b") as opened:
            opened.seek(start)
            opened.write(rng.bytes(5000))
        for query, _ in QUERIES:
            assert get(front.port, "FIF=swapped.tif" + query).status in {200, 404, 413, 500, 503}
        assert get(front.port, "FIF=odd_r.ptif&JTL=0,0").status == 200
    replace(path, pyramid(9))
    assert of_profile(get(front.port, "FIF=swapped.tif" + QUERIES[0][0]).body) == 9
    assert tools.children(daemon.pid) == workers
