"""Two lanes: exports hold all workers but one, and tiles go on (operations R23); lots are drawn
by each worker for itself (R17)."""

from __future__ import annotations

import threading
import time

import pytest
from PIL import Image

pytestmark = pytest.mark.integration

TILE = "FIF=multi5_1k.ptif&CNT=1.{:03d}&JTL=0,0"  # each another one, that no cache has
EXPORT = "FIF=multi5_1k.ptif&WID={}&CVT=png"  # some seconds


@pytest.fixture
def serve(start, tools, tmp_path, data):
    """Return a function that starts the server with settings, and gives its socket."""

    def started(workers, *settings):
        path, ini = tmp_path / "served.sock", tmp_path / "iipastro.ini"
        ini.write_text(
            f"[server]\nlisten = unix:{path}\nworkers = {workers}\n[images]\nroot = {data}\n"
            f"[encoding]\npng_level = 6\n" + "\n".join(settings) + "\n"
        )
        process = start([*tools.iipastro, "serve", "--config", str(ini)], path)
        assert tools.wait_until(lambda: len(tools.children(process.pid)) == workers, 60)
        return path

    return started


class Asked(threading.Thread):
    """A request on its way."""

    def __init__(self, fcgi, path, query):
        super().__init__()
        self.ask = lambda: fcgi.ask(path, query, timeout=120)
        self.start()

    def run(self):
        self.answer = self.ask()
        self.ended = time.monotonic()


def test_tiles_are_answered_while_exports_are_made(serve, fcgi):
    path = serve(2)
    assert fcgi.ask(path, TILE.format(0)).status == 200
    exports = [Asked(fcgi, path, EXPORT.format(5000 - number)) for number in range(4)]
    done = []
    while any(export.is_alive() for export in exports):
        assert fcgi.ask(path, TILE.format(len(done)), timeout=60).status == 200
        done.append(time.monotonic())
    for export in exports:
        export.join()
    made = [export for export in exports if export.answer.status == 200]
    refused = [export for export in exports if export.answer.status == 503]
    assert len(made) + len(refused) == 4
    assert made
    assert refused
    for export in refused:
        assert export.answer.headers["retry-after"] == "1"
        assert export.ended < max(one.ended for one in made)
    assert sum(moment < made[0].ended for moment in done) > 3


def test_a_single_worker_makes_one_export_after_the_other(serve, fcgi):
    path = serve(1)
    exports = [Asked(fcgi, path, EXPORT.format(width)) for width in (4000, 4001)]
    for export in exports:
        export.join()
    assert [export.answer.status for export in exports] == [200, 200]


def test_workers_draw_their_own_lots(serve, fcgi, tmp_path):
    Image.new("RGBA", (3, 3), (255, 255, 255, 255)).save(tmp_path / "mark.png")
    path = serve(2, "[watermark]", f"file = {tmp_path}/mark.png")
    asked = [Asked(fcgi, path, TILE.format(0)) for _ in range(40)]
    for each in asked:
        each.join()
    answers = [each.answer for each in asked]
    assert {answer.status for answer in answers} == {200}
    assert {answer.headers["cache-control"] for answer in answers} == {"private, max-age=86400"}
    # of some 64 000 places; two workers with one sequence would give each draw twice
    assert len({answer.body for answer in answers}) >= 39
